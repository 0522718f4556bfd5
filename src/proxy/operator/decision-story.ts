import { printable } from '../../process/printable.ts';
import type { Decision } from '../policy/decisions/decision.ts';
import type { BudgetLevel } from '../policy/limits/message-budget.ts';

/** One line of a list. `now`: Unix milliseconds. */
export function decisionLine({ requestId, at, outcome, kind, code, rule }: Decision, now: number): string {
  const why = [code, rule].filter((part) => part !== undefined).join(', by ');
  return `${requestId.padEnd(16)} ${ago(now - at).padEnd(12)} ${outcome.padEnd(8)} ${(kind ?? '').padEnd(22)} ${why}`.trimEnd();
}

/** All that is known of one, a line each. `now`: Unix milliseconds. */
export function decisionStory(decision: Decision, now: number): string {
  const { requestId, at, stage, code, reason, rule, retryAfterMs, address, isTurn } = decision;
  const lines: (readonly [string, string | undefined])[] = [
    ['when', `${new Date(at).toISOString()}, ${ago(now - at)}`],
    ['what', whatOf(decision)],
    ['who', whoOf(decision)],
    ['address', address],
    ['stage', stages[stage]],
    ['turn', isTurn ? 'it was the turn of this seat, so no budget was asked' : undefined],
    ['answer', code === undefined ? undefined : `${code}${reason === undefined ? '' : `: ${reason}`}`],
    ['rule', rule],
    ['told', retryAfterMs === undefined ? undefined : `to come again after ${retryAfterMs} ms`],
    ...(decision.budgets ?? []).map((level) => ['budget', levelText(level)] as const),
  ];
  const told = lines.filter(([, text]) => text !== undefined);
  return [
    `${requestId} ${outcomes[decision.outcome]}`,
    ...told.map(([name, text = '']) => `  ${name.padEnd(9)}${printable(text)}`),
  ].join('\n');
}

const outcomes = {
  refused: 'was refused',
  closed: 'ended its connection',
  slow: 'was answered late',
} as const satisfies Record<Decision['outcome'], string>;

const stages = {
  connection: 'a new connection, before its TLS handshake',
  request: 'an HTTP request',
  upgrade: 'the upgrade to a WebSocket',
  'sign-in': 'the sign-in of a socket',
  message: 'a message, before it went to a backend',
  backend: 'a message that the policy let through; a backend decided',
} as const satisfies Record<Decision['stage'], string>;

function whatOf({ kind, route, match, tookMs }: Decision): string | undefined {
  const parts = [
    kind,
    match === undefined ? undefined : `in ${match}`,
    route === undefined ? undefined : `on the route ${route}`,
    tookMs === undefined ? undefined : `in ${Math.round(tookMs)} ms`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' ');
}

function whoOf({ session, pseudonym }: Decision): string | undefined {
  if (session === undefined) return undefined;
  return pseudonym === undefined ? session : `${session}, whom backends know as ${pseudonym}`;
}

function levelText({ budget, left, burst, perSecond }: BudgetLevel): string {
  return `${budget}: ${left.toFixed(1)} of ${burst} left, ${perSecond} more a second`;
}

function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s ago`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3_600)} h ago`;
}

import { printable } from '../../../process/printable.ts';
import { lasted } from '../lasted.ts';
import type { Figures, Latencies, ProcessFigures } from './figures.ts';

/** Refusals that are shown; the rest is one line of the metrics. */
const refusalsShown = 4;

/** The figures as lines of text, none with control characters. */
export function screenOf(figures: Figures): string[] {
  const { rates, refusals } = figures;
  const state = figures.obstacles.length === 0 ? 'ready' : `NOT READY: ${figures.obstacles.join('; ')}`;
  const lines = [
    `castling   ${state}   up ${lasted(figures.upSeconds)}`,
    '',
    row('players', [
      `${figures.sessions} signed in`,
      `${figures.sockets} sockets`,
      `${perSecond(rates.refusedConnections)} connections refused`,
    ]),
    row('matches', [`${figures.matches} in memory`, `${figures.waiting} waiting for an opponent`]),
    row('moves', [perSecond(rates.moves), latency(figures.move)]),
    row('requests', [perSecond(rates.requests)]),
    row('log', [
      `${perSecond(rates.commits)} commits`,
      `${ratio(rates.commands, rates.commits)} commands each`,
      latency(figures.commit),
    ]),
    row('sign-ins', [perSecond(rates.signIns), `${perSecond(rates.failedSignIns)} failed`]),
    row(
      'refused',
      refusals.length === 0
        ? ['nothing']
        : refusals.slice(0, refusalsShown).map(([what, rate]) => `${what} ${perSecond(rate)}`),
    ),
    '',
    `${'process'.padEnd(14)}${'pid'.padStart(8)}${'cpu'.padStart(8)}${'memory'.padStart(10)}${'loop p99'.padStart(11)}${'sockets'.padStart(9)}`,
    ...figures.processes.map(processRow),
  ];
  return lines.map((line) => printable(line));
}

function row(name: string, parts: readonly string[]): string {
  return `${name.padEnd(10)} ${parts.join('   ')}`;
}

function processRow({
  name,
  pid,
  cpuPercent,
  memoryBytes,
  loopMs,
  sockets,
  isReady,
}: ProcessFigures): string {
  const columns = [
    String(pid ?? '?').padStart(8),
    `${cpuPercent.toFixed(0)} %`.padStart(8),
    `${(memoryBytes / 2 ** 20).toFixed(0)} MB`.padStart(10),
    `${loopMs.toFixed(1)} ms`.padStart(11),
    String(sockets ?? '').padStart(9),
  ];
  return `${name.padEnd(14)}${columns.join('')}${isReady ? '' : '  not ready'}`;
}

function latency({ p50, p99 }: Latencies): string {
  if (p50 === undefined || p99 === undefined) return 'no times yet';
  return `half within ${ms(p50)}, 99 % within ${ms(p99)}`;
}

function ms(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${value.toFixed(0)} ms`;
}

function perSecond(rate: number): string {
  return `${rate > 0 && rate < 10 ? rate.toFixed(1) : rate.toFixed(0)}/s`;
}

function ratio(whole: number, parts: number): string {
  return parts === 0 ? '0' : (whole / parts).toFixed(1);
}

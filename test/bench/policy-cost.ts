/**
 * What the policy costs for one message: nanoseconds, in one thread, beside the reading of the message that comes before it.
 *
 *   node test/bench/policy-cost.ts [--messages 500000] [--rounds 5] [--filters 20]
 */
import { parseArgs } from 'node:util';
import { readMessage } from '../../src/proxy/inbound.ts';
import { Filters } from '../../src/proxy/policy/filters/filters.ts';
import { TurnPass } from '../../src/proxy/policy/limits/turn-pass.ts';
import { Policy } from '../../src/proxy/policy/policy.ts';
import type { Asking } from '../../src/proxy/policy/rules.ts';
import { asking, signedInCaller } from '../support/policy-asking.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '500000' },
    rounds: { type: 'string', default: '5' },
    filters: { type: 'string', default: '20' },
  },
});
const messages = Number(values.messages);
const sockets = 1_000;

const match = 'm_0123456789abcdef';
const moveText = (seq: number) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'match.move',
    params: { match, seq, commandId: 'c_12345678', move: 4 },
  });
const listText = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'match.list', params: { filter: 'mine' } });

/** Nanoseconds of one round, each message. */
function measure(one: (index: number) => void, count = messages): number {
  const start = process.hrtime.bigint();
  for (let index = 0; index < count; index += 1) one(index);
  return Number(process.hrtime.bigint() - start) / count;
}

function read(text: string) {
  const reading = readMessage(text);
  if (reading.kind !== 'request') throw new Error('unreadable');
  return reading;
}

/** Many sockets, so that it is not always the same memory; a clock that lets everybody stay within their budgets. */
function judging(filters: Filters, text: string, differences: () => Partial<Asking> = () => ({})) {
  let now = 0;
  const policy = new Policy({ filters, now: () => now });
  const all = Array.from({ length: sockets }, (_, index) =>
    asking(policy, { caller: signedInCaller(policy, { player: `p_${index}` }), ...differences() }),
  );
  const reading = read(text);
  return (index: number) => {
    now += 1;
    const verdict = policy.judge(reading, all[index % sockets] as Asking, text.length);
    if (verdict.kind !== 'admitted') throw new Error('refused');
  };
}

const none = new Filters([]);
const some = new Filters(
  Array.from({ length: Number(values.filters) }, (_, index) => ({
    id: `rule-${index}`,
    action: 'deny' as const,
    ...(index % 2 ? { addresses: [`10.${index}.0.0/16`] } : { kinds: ['match.resign'] }),
  })),
);

const subjects: readonly [string, (index: number) => void][] = [
  ['reading a move', () => void read(moveText(5))],
  ['policy, a list', judging(none, listText)],
  [
    'policy, a move on its turn',
    judging(none, moveText(5), () => {
      // Every claim is of a new turn.
      const pass = new TurnPass();
      return {
        turnPass: () => {
          pass.claim(-1);
          return pass;
        },
      };
    }),
  ],
  [`policy, a list, ${values.filters} filters`, judging(some, listText)],
];
for (const [name, one] of subjects) {
  measure(one, 50_000);
  const rounds = Array.from({ length: Number(values.rounds) }, () => measure(one));
  const sorted = rounds.sort((a, b) => a - b);
  const [least = 0, median = 0, most = 0] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  console.log(
    `${name.padEnd(30)} ${median.toFixed(0).padStart(6)} ns (${least.toFixed(0)} to ${most.toFixed(0)})`,
  );
}

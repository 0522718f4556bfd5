import { readMessage } from '../../src/proxy/inbound.ts';
import { Filters } from '../../src/proxy/policy/filters/filters.ts';
import { TurnPass } from '../../src/proxy/policy/limits/turn-pass.ts';
import { Policy } from '../../src/proxy/policy/policy.ts';
import type { Asking } from '../../src/proxy/policy/rules.ts';
import { asking, signedInCaller } from '../support/policy-asking.ts';
import type { Bench, Subject } from './harness/bench.ts';

const match = 'm_0123456789abcdef';
const move = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'match.move',
  params: { match, seq: 5, commandId: 'c_12345678', move: 4 },
});
const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'match.list', params: { filter: 'mine' } });
/** Many, so that it is not always the same memory. */
const sockets = 1_000;
const atOnce = 10_000;

const none = new Filters([]);
const twenty = new Filters(
  Array.from({ length: 20 }, (_, index) => ({
    id: `rule-${index}`,
    action: 'deny' as const,
    ...(index % 2 ? { addresses: [`10.${index}.0.0/16`] } : { kinds: ['match.resign'] }),
  })),
);

export default {
  name: 'policy-cost',
  question: 'What does the policy cost for one move, beside the reading of it?',
  operation: 'message',
  notes: ['In the generator’s own process, one thread: the stages alone, without a network.'],
  subjects: {
    castling: async () => repeating(judging(none, move, alwaysItsTurn)),
    'reading it': async () => repeating(() => void read(move)),
    'policy for a list': async () => repeating(judging(none, list)),
    'policy for a list, 20 filters': async () => repeating(judging(twenty, list)),
  },
  seconds: 1,
  warmUp: 1,
  targets: [{ figure: 'cpuMicroseconds', peer: 'reading it', most: 1 }],
} satisfies Bench;

function repeating(one: (index: number) => void): Subject {
  return {
    pids: () => [process.pid],
    async round({ milliseconds, measured }) {
      let operations = 0;
      await measured(async () => {
        const end = performance.now() + milliseconds;
        while (performance.now() < end) {
          for (let index = 0; index < atOnce; index += 1) one(index);
          operations += atOnce;
        }
      });
      return { operations };
    },
    stop: async () => {},
  };
}

function read(text: string) {
  const reading = readMessage(text);
  if (reading.kind !== 'request') throw new Error('unreadable');
  return reading;
}

/** A clock that lets everybody stay within their budgets. */
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

/** Every claim is of a new turn. */
function alwaysItsTurn(): Partial<Asking> {
  const pass = new TurnPass();
  return {
    turnPass: () => {
      pass.claim(-1);
      return pass;
    },
  };
}

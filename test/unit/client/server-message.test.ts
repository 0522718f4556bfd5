import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseServerMessage } from '../../../src/client/server-message.ts';

describe('reading what the server says', () => {
  it('is total: any text gives a message or nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue().map((value) => JSON.stringify(value)),
        ),
        (text) => {
          const message = parseServerMessage(text);
          expect(message === undefined || typeof message.kind === 'string').toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a list', '[]'],
    ['another version', '{"jsonrpc":"1.0","id":1,"result":1}'],
    ['an id that was never given', '{"jsonrpc":"2.0","id":"x","result":1}'],
    ['an answer without a result', '{"jsonrpc":"2.0","id":1}'],
    ['a request', '{"jsonrpc":"2.0","id":1,"method":"do.this","params":{}}'],
    ['positional parameters', '{"jsonrpc":"2.0","method":"match.event","params":[1]}'],
  ])('knows %s as none of the protocol', (_, text) => {
    expect(parseServerMessage(text)).toBeUndefined();
  });

  it('reads a refusal, and drops missed events that are none', () => {
    const missed = [{ match: 'm_1', type: 'moved', seq: 4 }, { seq: -1 }, 7];
    const data = {
      code: 'stale_sequence',
      reason: 'Too late.',
      rule: 'seq',
      retryAfterMs: 5,
      requestId: 'r_1',
      missed,
    };
    const text = JSON.stringify({ jsonrpc: '2.0', id: 3, error: { code: 1319, message: 'Too late.', data } });
    expect(parseServerMessage(text)).toEqual({
      kind: 'refusal',
      id: 3,
      refusal: { ...data, missed: [missed[0]] },
    });
  });
});

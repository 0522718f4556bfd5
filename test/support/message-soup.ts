/** Text that is nearly a player's message: what stage 3 must survive. */
import fc from 'fast-check';
import { readMessage } from '../../src/proxy/inbound.ts';

const match = 'm_0123456789abcdef';
const commandId = 'c_12345678';
/** One that is right for each shape of parameters. */
const right = [
  ['session.open', { token: 'a.b.c' }],
  ['match.create', { game: 'tic-tac-toe', commandId }],
  ['match.move', { match, seq: 5, commandId, move: 4 }],
  ['match.join', { code: '23456789', commandId }],
  ['match.watch', { match }],
  ['match.list', { filter: 'mine' }],
  ['match.answerDraw', { match, commandId, accept: true }],
  ['lobby.find', { game: 'tic-tac-toe', commandId }],
].map(([method, params], id) => JSON.stringify({ jsonrpc: '2.0', id, method, params }));

const pieces = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    '\\u0000',
    '\\ud800',
    '\\udfff',
    ' ',
    '\n',
    '\t',
    '\0',
    '\ufeff',
    '\ud800',
  ],
  ...[
    '"jsonrpc":"2.0"',
    '"id":1',
    '"id":null',
    '"method":"match.move"',
    '"params":{',
    '"__proto__":',
    '"constructor":',
  ],
  ...['"\\u005f_proto__":', '"prototype":', '"toString":', '"seq":', '"match":"m_1"', '{"a":', '[[[['],
  ...[
    '0',
    '-0',
    '1e400',
    '1E-400',
    '9007199254740993',
    '0.1',
    '00',
    '1'.repeat(40),
    'true',
    'null',
    'NaN',
    'Infinity',
  ],
];

const piece = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...pieces) },
  { weight: 1, arbitrary: fc.string({ maxLength: 6, unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...pieces), fc.nat(40)).map(([text, many]) => text.repeat(many)),
  },
);

/** A right one of which a part has been replaced, left out or doubled. */
const hurt = fc
  .tuple(fc.constantFrom(...right), fc.nat(), fc.nat(12), fc.oneof(piece, fc.constant('')))
  .map(([text, start, length, other]) => {
    const at = start % (text.length + 1);
    return text.slice(0, at) + other + text.slice(at + length);
  });

export const messageSoup: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: hurt },
  { weight: 3, arbitrary: fc.array(piece, { maxLength: 20 }).map((all) => all.join('')) },
  { weight: 1, arbitrary: fc.constantFrom(...right) },
);

/**
 * Reads a text as a player's message and checks what holds of every outcome. Gives the kind. @throws Error when something does
 * not hold
 */
export function readMessageSoup(text: string): 'request' | 'refusal' | 'violation' {
  const reading = readMessage(text);
  if (reading.kind === 'request') {
    // Nothing was taken for a message that is not one, and nothing was changed in it.
    const { id, method, params = {} } = JSON.parse(text) as { id: unknown; method: unknown; params?: object };
    const { request } = reading;
    if (request.id !== id || request.method !== method) throw new Error(`another request: ${text}`);
    if (JSON.stringify(request.params) !== JSON.stringify(params))
      throw new Error(`other parameters: ${text}`);
  } else {
    const { code, reason } = reading.refusal;
    if (typeof code !== 'string' || reason.length === 0 || reason.length > 400) {
      throw new Error(`no sentence: ${JSON.stringify(reading.refusal)}`);
    }
  }
  if (Object.keys(Object.prototype).length > 0) throw new Error('the prototype of all objects has changed');
  return reading.kind;
}

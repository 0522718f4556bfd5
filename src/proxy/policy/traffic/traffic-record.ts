import Type, { type Static } from 'typebox';

/**
 * One thing that came in, without anything that it said. Connections, players and sessions are numbers that mean nothing outside their
 * capture: no id, name, token or content is in it. `t` is milliseconds since the capture began, `c` the connection.
 *
 * | `e` | |
 * |---|---|
 * | `connect` | a TCP connection from an address; `before`: it was there when the capture began |
 * | `request` | an HTTP request, the upgrade to a WebSocket among them |
 * | `signIn` | the connection turned out to be session `s` of player `p` |
 * | `message` | a message of so many bytes; `turn`: it was the move of the seat whose turn it was |
 * | `control` | a ping, or a pong that nobody asked for |
 * | `unmade` | a move that had passed for its turn was refused for its content |
 * | `end` | the connection has gone |
 * | `id` | what came last on the connection is known to players and logs under this request id |
 * | `lost` | so many records could not be kept |
 */
const base = { t: Type.Number({ minimum: 0 }), c: Type.Integer({ minimum: 0 }) };
const strict = { additionalProperties: false } as const;
const number = Type.Integer({ minimum: 0 });
const text = Type.String({ maxLength: 400 });

export const TrafficRecord = Type.Union([
  Type.Object(
    { ...base, e: Type.Literal('connect'), a: text, before: Type.Optional(Type.Literal(true)) },
    strict,
  ),
  Type.Object({ ...base, e: Type.Literal('request'), r: text, k: text, o: text }, strict),
  Type.Object({ ...base, e: Type.Literal('signIn'), p: number, s: number }, strict),
  Type.Object(
    { ...base, e: Type.Literal('message'), k: text, b: number, turn: Type.Optional(Type.Literal(true)) },
    strict,
  ),
  Type.Object({ ...base, e: Type.Literal('control') }, strict),
  Type.Object({ ...base, e: Type.Literal('unmade') }, strict),
  Type.Object({ ...base, e: Type.Literal('end') }, strict),
  Type.Object({ ...base, e: Type.Literal('id'), i: text }, strict),
  Type.Object({ t: base.t, e: Type.Literal('lost'), n: number }, strict),
]);

export type TrafficRecord = Static<typeof TrafficRecord>;

/** A message that was read but did not fit its method; it counts all the same. */
export const misfit = 'misfit';

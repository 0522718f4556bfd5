/**
 * The shapes of what a proxy sends. The proxy has checked the same before, for its own sake; this side does
 * not rely on it.
 */
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { idPatterns } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import {
  type Hello,
  type LinkMethod,
  type LinkRequests,
  linkMethods,
  type Subscribe,
} from '../../protocol/link-messages.ts';
import { ListName, Seat, Sequence, Visibility } from '../../protocol/player-schemas.ts';

const strict = { additionalProperties: false } as const;
const id = (kind: keyof typeof idPatterns) => Type.String({ pattern: idPatterns[kind], maxLength: 64 });
const match = { match: id('match') };
const commandId = { commandId: id('command') };
const matchOrCode = { match: Type.Optional(id('match')), code: Type.Optional(id('invite')) };
const seat = { seat: Type.Optional(Seat) };
const Audience = Type.String({ pattern: '^(all|spectators|seat:[0-9]{1,2})$', maxLength: 10 });

const requests: { readonly [M in LinkMethod]: Type.TSchema } = {
  'lobby.find': Type.Object({ game: id('game'), ...commandId }, strict),
  'lobby.cancel': Type.Object({ game: id('game') }, strict),
  'lobby.watch': Type.Object({}, strict),
  'lobby.unwatch': Type.Object({}, strict),
  'match.create': Type.Object({ game: id('game'), visibility: Visibility, ...commandId }, strict),
  'match.join': Type.Object({ ...matchOrCode, ...commandId }, strict),
  'match.move': Type.Object({ ...match, seq: Sequence, ...commandId, move: Type.Unknown(), ...seat }, strict),
  'match.resign': Type.Object({ ...match, ...commandId, ...seat }, strict),
  'match.offerDraw': Type.Object({ ...match, ...commandId }, strict),
  'match.answerDraw': Type.Object({ ...match, ...commandId, accept: Type.Boolean() }, strict),
  'match.offerRematch': Type.Object({ ...match, ...commandId }, strict),
  'match.leave': Type.Object({ ...match, ...commandId }, strict),
  'match.watch': Type.Object(matchOrCode, strict),
  'match.list': Type.Object(
    {
      filter: ListName,
      game: Type.Optional(id('game')),
      limit: Type.Integer({ minimum: 1, maximum: limits.listItems }),
    },
    strict,
  ),
  'match.get': Type.Object(matchOrCode, strict),
  'match.events': Type.Object(
    {
      ...match,
      audience: Audience,
      after: Sequence,
      limit: Type.Integer({ minimum: 1, maximum: limits.resumeEvents }),
    },
    strict,
  ),
};

const requestValidators = new Map(
  Object.entries(requests).map(([method, schema]) => [method as LinkMethod, Compile(schema)]),
);
const methodNames = new Map(
  Object.entries(linkMethods).map(([method, number]) => [number as number, method as LinkMethod]),
);
const helloValidator = Compile(
  Type.Object({
    version: Type.Integer(),
    role: Type.String(),
    instance: Type.String({ minLength: 1, maxLength: 64 }),
  }),
);
const subscribeValidator = Compile(Type.Object({ ...match, audience: Audience, after: Sequence }, strict));

/** A method with parameters that fit it. */
export type LinkRequest = {
  readonly [M in LinkMethod]: { readonly method: M; readonly params: LinkRequests[M] };
}[LinkMethod];

export function methodOf(number: number): LinkMethod | undefined {
  return methodNames.get(number);
}

export function asRequest(method: LinkMethod, params: unknown): LinkRequest | undefined {
  const fits = requestValidators.get(method)?.Check(params) === true;
  return fits ? ({ method, params } as LinkRequest) : undefined;
}

/** A later version of the link may say more in its hello. */
export function asHello(value: unknown): Hello | undefined {
  return helloValidator.Check(value) ? (value as Hello) : undefined;
}

export function asSubscribe(value: unknown): Subscribe | undefined {
  return subscribeValidator.Check(value) ? (value as Subscribe) : undefined;
}

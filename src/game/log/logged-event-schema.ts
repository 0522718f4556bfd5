import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { idPatterns } from '../../protocol/ids.ts';
import { MatchResult, Seat, Sequence, Visibility } from '../../protocol/player-schemas.ts';
import type { LoggedEvent } from '../match/logged-event.ts';

const id = (kind: keyof typeof idPatterns) => Type.String({ pattern: idPatterns[kind] });
const strict = { additionalProperties: false } as const;
const Cause = Type.Object(
  { player: id('pseudonym'), command: id('command'), digest: Type.String({ minLength: 1, maxLength: 64 }) },
  strict,
);
const cause = { cause: Cause };
const maybeCause = { cause: Type.Optional(Cause) };
const Turn = Type.Union([Seat, Type.Null()]);

const happenings: { readonly [Name in LoggedEvent['type']]: { readonly [property: string]: Type.TSchema } } =
  {
    created: { game: id('game'), visibility: Visibility, seats: Seat, code: Type.Optional(id('invite')) },
    joined: { seat: Seat, player: id('pseudonym'), ...maybeCause },
    started: { whole: Type.Unknown(), turn: Turn },
    moved: { seat: Seat, move: Type.Unknown(), whole: Type.Unknown(), turn: Turn, ...cause },
    drawOffered: { seat: Seat, ...cause },
    drawDeclined: { seat: Seat, ...cause },
    drawAccepted: { seat: Seat, ...cause },
    resigned: { seat: Seat, ...cause },
    rematchOffered: { seat: Seat, ...cause },
    ended: { result: MatchResult, ...maybeCause },
    rematchAgreed: { next: id('match') },
  };

const validators = new Map(
  Object.entries(happenings).map(([type, properties]) => [
    type,
    Compile(
      Type.Object(
        { type: Type.Literal(type), seq: Sequence, at: Type.Integer({ minimum: 0 }), ...properties },
        strict,
      ),
    ),
  ]),
);

/** Whether a value read from the log has the form of an event. */
export function isLoggedEvent(value: unknown): value is LoggedEvent {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  return validators.get(String(value.type))?.Check(value) ?? false;
}

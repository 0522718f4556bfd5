import type { Static } from 'typebox';
import type { MatchEventType } from '../protocol/player-messages.ts';
import type { matchEvents } from '../protocol/player-schemas.ts';

/** One event of one type, as its schema says. */
export type EventOf<Type extends MatchEventType> = Static<(typeof matchEvents)[Type]>;

/** Any event. A mapped union, so that `switch (event.type)` narrows it. */
export type MatchEvent = { [Type in MatchEventType]: EventOf<Type> }[MatchEventType];

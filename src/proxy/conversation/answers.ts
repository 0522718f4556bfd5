/** What a backend's answer means to the socket that asked: dressed with names, put in its place, and given out. */
import type { CommandId, GameId } from '../../protocol/ids.ts';
import type {
  LinkEvent,
  LinkFollow,
  LinkListItem,
  LinkRefusal,
  LinkReplies,
} from '../../protocol/link-messages.ts';
import type { ListName } from '../../protocol/player-messages.ts';
import { type RefusalCode, refuse } from '../../protocol/refusals.ts';
import type { DisplayNames } from '../feeds/display-names.ts';
import { dressEvent, dressListItem, dressSnapshot, playersOfEvent, playersOfSeats } from '../feeds/dress.ts';
import type { Feeds } from '../feeds/feeds.ts';
import type { KeptAnswers } from '../kept/kept-answers.ts';
import type { LinkJson } from '../link/link.ts';
import type { ForwardedMethod } from '../routing.ts';
import type { Ask } from './ask.ts';
import { beginFollowing } from './begin-following.ts';
import type { Refuser } from './refuser.ts';

export interface AnswersOptions {
  readonly feeds: Feeds;
  readonly names: DisplayNames;
  readonly logger: {
    info(detail: object, message: string): void;
    error(detail: object, message: string): void;
  };
  readonly nextRequestId: () => string;
  readonly refuser: Refuser;
  readonly kept: KeptAnswers;
}

type Answer = (answers: Answers, ask: Ask, reply: LinkJson) => void;

/** One line a method: what its reply does. */
const table: { readonly [M in ForwardedMethod]: Answer } = {
  'lobby.find': ({ kept }, ask, { text }) => {
    const reply = JSON.parse(text) as LinkReplies['lobby.find'];
    const find = { commandId: ask.commandId as CommandId, body: ask.body };
    if (reply.status === 'waiting') ask.socket.finds?.waits(ask.game as GameId, find);
    else {
      ask.socket.finds?.done(ask.game as GameId);
      kept.listsChanged(lobbyLists);
    }
    ask.result(text);
  },
  'lobby.cancel': (_answers, ask, { text }) => {
    ask.socket.finds?.done(ask.game as GameId);
    ask.result(text);
  },
  'lobby.watch': (_answers, ask, { text }) => {
    ask.socket.watchesLobby = true;
    ask.result(text);
  },
  'lobby.unwatch': (_answers, ask, { text }) => {
    ask.socket.watchesLobby = false;
    ask.result(text);
  },
  'match.create': takeSeat,
  'match.join': takeSeat,
  'match.watch': look,
  'match.move': event,
  'match.resign': event,
  'match.offerDraw': event,
  'match.answerDraw': event,
  'match.offerRematch': event,
  'match.leave': ({ kept }, ask, { text }) => {
    kept.listsChanged(lobbyLists);
    if (ask.match !== undefined) ask.socket.unfollow(ask.match);
    ask.result(text);
  },
  'match.list': ({ names }, ask, { text }) => {
    const { matches } = JSON.parse(text) as { matches: readonly LinkListItem[] };
    names.resolve(
      matches.flatMap(({ seats }) => playersOfSeats(seats)),
      (nameOf) => ask.result(JSON.stringify({ matches: matches.map((item) => dressListItem(item, nameOf)) })),
    );
  },
  'match.get': look,
};

/** The lists that everybody sees. */
const lobbyLists: readonly ListName[] = ['open', 'live'];

/** Refusals that say that somebody reached for what is not theirs: the audit log keeps them. */
const audited: ReadonlySet<RefusalCode> = new Set(['not_your_seat', 'not_seated', 'match_unknown']);

export class Answers {
  readonly feeds: Feeds;
  readonly names: DisplayNames;
  readonly nextRequestId: () => string;
  readonly refuser: Refuser;
  readonly kept: KeptAnswers;
  readonly #logger: AnswersOptions['logger'];

  constructor({ feeds, names, logger, nextRequestId, refuser, kept }: AnswersOptions) {
    this.feeds = feeds;
    this.names = names;
    this.nextRequestId = nextRequestId;
    this.refuser = refuser;
    this.kept = kept;
    this.#logger = logger;
  }

  reply(ask: Ask, reply: LinkJson): void {
    try {
      table[ask.method](this, ask, reply);
    } catch (error) {
      // A reply that does not fit its method: the backend is at fault, and only this ask suffers.
      this.#logger.error(
        { err: error, method: ask.method, requestId: ask.requestId },
        'reply not understood',
      );
      ask.refuse(refuse('internal_error', { retryAfterMs: 1_000 }));
    }
  }

  /** Shows a match to who looks at it, and lets who watches, plays or joins follow. */
  found(ask: Ask, { audience, snapshot, ...rest }: LinkFollow): void {
    this.names.resolve(playersOfSeats(snapshot.seats), (nameOf) => {
      const dressed = dressSnapshot(snapshot, nameOf);
      if (ask.method === 'match.get') {
        ask.result(JSON.stringify({ ...rest, snapshot: dressed }));
        return;
      }
      const reply = { ...rest, audience, snapshot };
      beginFollowing({ feeds: this.feeds, ask, reply, snapshot: dressed });
    });
  }

  refusal(ask: Ask, refusal: LinkRefusal, namesPlayers: boolean): void {
    if (audited.has(refusal.code)) this.#audit(ask, refusal);
    if (!namesPlayers || refusal.missed === undefined) {
      ask.refuse(refusal);
      return;
    }
    const missed = refusal.missed as readonly LinkEvent[];
    this.names.resolve(missed.flatMap(playersOfEvent), (nameOf) =>
      ask.refuse({ ...refusal, missed: missed.map((item) => dressEvent(item, nameOf)) }),
    );
  }

  #audit({ socket, method, match, requestId }: Ask, { code, rule }: LinkRefusal): void {
    const { player, session } = socket.session.current ?? {};
    this.#logger.info(
      { audit: 'refused', code, rule, method, match, player, session, requestId },
      'not theirs',
    );
  }
}

function takeSeat(answers: Answers, ask: Ask, { text }: LinkJson): void {
  answers.kept.listsChanged(lobbyLists);
  answers.found(ask, JSON.parse(text) as LinkFollow);
}

function look(answers: Answers, ask: Ask, { text }: LinkJson): void {
  const follow = JSON.parse(text) as LinkFollow;
  answers.kept.looked(follow, text.length);
  answers.found(ask, follow);
}

function event(answers: Answers, ask: Ask, { text, namesPlayers }: LinkJson): void {
  const logged = JSON.parse(text) as LinkEvent;
  answers.names.resolve(namesPlayers ? playersOfEvent(logged) : [], (nameOf) => {
    const dressed = namesPlayers ? JSON.stringify(dressEvent(logged, nameOf)) : text;
    const followed = ask.socket.followed(logged.match);
    if (followed === undefined) ask.result(dressed);
    else followed.answer(ask, { seq: logged.seq, text: dressed });
  });
}

/**
 * Answers that this proxy has itself, so that who looks on costs the backend nothing:
 *
 * ```
 *   match.list  live, open   asked for once for all who want it in the same moment, and given again while it is new
 *   match.watch, match.get   of a public match that somebody here follows: its stream keeps the answer current
 *   match.get                of a public match that is over
 * ```
 *
 * None of them for a player about their own matches: who holds a seat is answered by the backend. What is refused is refused
 * there, too.
 */
import { Counter, Registry } from '../../process/metrics.ts';
import type { GameId, MatchId, Pseudonym } from '../../protocol/ids.ts';
import type { LinkFollow, LinkReplies, PseudonymousSeat } from '../../protocol/link-messages.ts';
import type { ListName } from '../../protocol/player-messages.ts';
import type { Ask } from '../conversation/ask.ts';
import type { Feeds } from '../feeds/feeds.ts';
import type { Backends } from '../link/backends.ts';
import type { Admitted } from '../policy/policy.ts';
import { listLength } from '../routing.ts';
import { FinishedMatches } from './finished-matches.ts';
import { KeptLists, type ListItems, type ListSource, type ListWanted } from './kept-lists.ts';

export interface KeptAnswersOptions {
  readonly backends: Pick<Backends, 'games' | 'reaches' | 'request'>;
  readonly feeds: Pick<Feeds, 'forOnlookers'>;
  readonly metrics?: Registry;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

export class KeptAnswers {
  readonly #backends: KeptAnswersOptions['backends'];
  readonly #feeds: KeptAnswersOptions['feeds'];
  readonly #lists: KeptLists;
  readonly #finished: FinishedMatches;
  readonly #answers: Counter<'kind' | 'result'>;

  constructor({ backends, feeds, metrics = new Registry(), now }: KeptAnswersOptions) {
    this.#backends = backends;
    this.#feeds = feeds;
    const clock = now && { now };
    this.#lists = new KeptLists({ ask: (...asked) => this.#askForList(...asked), ...clock });
    this.#finished = new FinishedMatches(clock);
    this.#answers = new Counter({
      name: 'castling_kept_answers_total',
      help: 'Requests of onlookers that the proxy may answer itself, and whether it could.',
      labelNames: ['kind', 'result'],
      registers: [metrics],
    });
  }

  /** True when the ask is answered from here, at once or by what another one's request brings. */
  take(request: Admitted, ask: Ask): boolean {
    const asker = ask.socket.session.current?.pseudonym;
    if (asker === undefined) return false;
    switch (request.method) {
      case 'match.list':
        return this.#list(request.params, ask, asker);
      case 'match.watch':
      case 'match.get': {
        const { match, code } = request.params;
        return match !== undefined && code === undefined && this.#look(match as MatchId, ask, asker);
      }
      default:
        return false;
    }
  }

  /** What a backend has answered somebody who watches or looks at a match. */
  looked(follow: LinkFollow, bytes: number): void {
    if (follow.seat !== null) return;
    const kind = follow.snapshot.status === 'over' ? 'finished' : 'live';
    this.#answers.inc({ kind, result: 'miss' });
    this.#finished.learn(follow, bytes);
  }

  /** What these lists said is not so any more. */
  listsChanged(lists: readonly ListName[]): void {
    this.#lists.changed(lists);
  }

  // ---- lists

  #list(
    { filter, game, limit }: Extract<Admitted, { readonly method: 'match.list' }>['params'],
    ask: Ask,
    asker: Pseudonym,
  ): boolean {
    if (filter === 'mine' || ask.socket.isSeated) return false;
    // A stranger could ask for lists of games that there are none of, and so push out the others.
    const isGame = game === undefined || this.#backends.games.some((known) => known.game === game);
    if (!isGame) return false;
    const wanted: ListWanted = { filter, game: game as GameId | undefined, limit: limit ?? listLength };
    if (hasSeatIn(this.#lists.peek(wanted) ?? [], asker)) return false;
    const give = (items: ListItems, source: ListSource) => {
      if (ask.socket.isGone) return;
      this.#answers.inc({ kind: 'list', result: source });
      ask.replied({ text: textFor(items, asker), namesPlayers: true });
    };
    const refused = (refusal: Parameters<Ask['refuse']>[0]) => ask.refuse(refusal);
    this.#lists.get(wanted, {
      refused,
      given: (items, source) => {
        // It may be of a moment before the player's own last deed.
        if (source === 'coalesced' && hasSeatIn(items, asker))
          this.#lists.fresh(wanted, { given: give, refused });
        else give(items, source);
      },
    });
    return true;
  }

  /** On behalf of the proxy, so that it does not end with the socket of whoever was first. */
  #askForList(...[wanted, receiver]: Parameters<ConstructorParameters<typeof KeptLists>[0]['ask']>): void {
    const refused = this.#backends.request({
      about: 'anyone',
      channel: undefined,
      method: 'match.list',
      body: JSON.stringify(wanted),
      asker: {
        replied: ({ text }) => receiver.arrived((JSON.parse(text) as LinkReplies['match.list']).matches),
        refused: (refusal) => receiver.refused(refusal),
      },
    });
    if (refused !== undefined) receiver.refused(refused);
  }

  // ---- matches

  #look(match: MatchId, ask: Ask, asker: Pseudonym): boolean {
    const followed = this.#backends.reaches(match) ? this.#feeds.forOnlookers(match) : undefined;
    const found = followed ?? (ask.method === 'match.get' ? this.#finished.get(match) : undefined);
    if (found === undefined || found.snapshot.visibility !== 'public') return false;
    if (isAmong(found.snapshot.seats, asker)) return false;
    const kind = found.snapshot.status === 'over' ? 'finished' : 'live';
    this.#answers.inc({ kind, result: 'hit' });
    ask.found(found);
    return true;
  }
}

function isAmong(seats: readonly PseudonymousSeat[], asker: Pseudonym): boolean {
  return seats.some(({ player }) => player === asker);
}

function hasSeatIn(items: ListItems, asker: Pseudonym): boolean {
  return items.some(({ seats }) => isAmong(seats, asker));
}

/** The list as the backend would answer this player. */
function textFor(items: ListItems, asker: Pseudonym): string {
  const matches = items.map((item) => {
    const own = item.seats.findIndex(({ player }) => player === asker);
    return own === -1 ? item : { ...item, seat: item.seats[own]?.seat ?? null };
  });
  return JSON.stringify({ matches });
}

import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { GameId, MatchId, Pseudonym } from '../../protocol/ids.ts';
import type { LinkListItem, LinkRequests } from '../../protocol/link-messages.ts';
import type { MatchResult } from '../../protocol/player-messages.ts';
import { pseudonymousSeats } from '../match/view.ts';
import type { Catalogue } from '../rules/index.ts';
import type { GameSchema } from './schema.ts';

/** Without a player it is for anybody: no seat is marked as one's own, and there is no list `mine`. */
export type ListRequest = LinkRequests['match.list'] & { readonly player: Pseudonym | undefined };

/** Lists of matches, newest first. They tell what was on disk a moment ago, and decide nothing. */
export class MatchLists {
  readonly #db: Kysely<GameSchema>;
  readonly #games: Catalogue;

  constructor({ db, games }: { readonly db: Kysely<GameSchema>; readonly games: Catalogue }) {
    this.#db = db;
    this.#games = games;
  }

  async list(request: ListRequest): Promise<LinkListItem[]> {
    const rows = await this.#rows(request);
    if (rows.length === 0) return [];
    const seats = await this.#db
      .selectFrom('seats')
      .select(['match', 'seat', 'player'])
      .where(
        'match',
        'in',
        rows.map(({ id }) => id),
      )
      .execute();
    const holders = Map.groupBy(seats, ({ match }) => match);
    return rows.map((row) => {
      const places = Array<Pseudonym | null>(this.#games.get(row.game as GameId)?.seats ?? 2).fill(null);
      for (const { seat, player } of holders.get(row.id) ?? []) places[seat] = player as Pseudonym;
      const own = request.player === undefined ? -1 : places.indexOf(request.player);
      return {
        match: row.id as MatchId,
        game: row.game as GameId,
        visibility: row.visibility,
        status: row.status,
        seats: pseudonymousSeats(places),
        seat: own === -1 ? null : own,
        turn: row.status === 'playing' ? row.turn : null,
        result: row.result === null ? null : (JSON.parse(row.result) as MatchResult),
        seq: row.seq,
        createdAt: Number(row.created_at),
        updatedAt: (JSON.parse(row.body) as { at: number }).at,
      };
    });
  }

  async #rows({ filter, player, game, limit }: ListRequest) {
    const latest = sql<number>`(select max(later.seq) from events as later where later.match = matches.id)`;
    // The last event that says whose turn it is.
    const turn = sql<number | null>`(select last.body ->> 'turn' from events as last
      where last.match = matches.id and last.body ->> 'type' in ('started', 'moved') order by last.seq desc limit 1)`;
    let query = this.#db
      .selectFrom('matches')
      .innerJoin('events', (join) =>
        join.onRef('events.match', '=', 'matches.id').on('events.seq', '=', latest),
      )
      .select(['id', 'game', 'visibility', 'status', 'result', 'created_at', 'events.seq', 'events.body'])
      .select(turn.as('turn'));
    switch (filter) {
      case 'mine':
        if (player === undefined) return [];
        query = query
          .innerJoin('seats', 'seats.match', 'matches.id')
          .where('seats.player', '=', player)
          .orderBy('seats.since', 'desc');
        break;
      case 'live':
      case 'open':
        query = query
          .where('status', '=', filter === 'live' ? 'playing' : 'waiting')
          .where('visibility', '=', 'public')
          .orderBy('created_at', 'desc');
        break;
    }
    if (game !== undefined) query = query.where('game', '=', game);
    return await query.limit(limit).execute();
  }
}

import type { Tracer } from '../../process/traces/tracer.ts';
import type { MatchId, Pseudonym } from '../../protocol/ids.ts';
import type { LinkReplies } from '../../protocol/link-messages.ts';
import { type Refusal, refuse } from '../../protocol/refusals.ts';
import type { Obeyed } from '../live-match.ts';
import type { Lobby, LobbyChannel } from '../lobby.ts';
import type { LobbyNews, NewsChannel } from '../lobby-news.ts';
import type { MatchLists } from '../log/match-lists.ts';
import { causeFor, type MatchCommand } from '../match/command.ts';
import { audiencesOf } from '../match/view.ts';
import type { Following, Matches } from '../matches.ts';
import type { Ownership } from '../membership/ownership.ts';
import { namesPlayers } from './event-payload.ts';
import type { LinkRequest } from './link-schemas.ts';
import { requestKey } from './request-key.ts';
import type { RequestTicket } from './request-ticket.ts';

export interface RequestServices {
  readonly matches: Matches;
  readonly lobby: Lobby;
  readonly lists: MatchLists;
  readonly news: LobbyNews;
  readonly ownership: Ownership;
  /** Goes on with the traces that proxies begin. Default: none. */
  readonly tracer?: Tracer;
}

type ProxyRequest = Extract<LinkRequest, { readonly method: 'match.events' | 'match.list' }>;

export function isProxyRequest(request: LinkRequest): request is ProxyRequest {
  return request.method === 'match.events' || request.method === 'match.list';
}

/** `names`: the JSON holds pseudonyms, which the proxy replaces by names. */
export type Answer =
  | { readonly kind: 'reply'; readonly result: LinkReplies[keyof LinkReplies]; readonly names: boolean }
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  /** Another backend answers this; `match` where the request itself did not name it. */
  | { readonly kind: 'elsewhere'; readonly match?: MatchId };

/**
 * Who asks, for every method but `match.events`: a player, on a channel that the lobby can tell of a match.
 */
export interface Asker extends LobbyChannel, NewsChannel {
  readonly player: Pseudonym;
}

/**
 * What each method of the link does. The methods of one match all go through that match's queue.
 *
 * @throws what {@link refusalForError} knows to tell
 */
export async function answerRequest(
  request: LinkRequest,
  {
    asker,
    ticket,
    services,
  }: { readonly asker: Asker; readonly ticket: RequestTicket; readonly services: RequestServices },
): Promise<Answer> {
  const { matches, lobby, lists, news, ownership } = services;
  const { method, params } = request;
  const { player } = asker;
  const key = requestKey(request);
  if (key !== undefined && !ownership.owns(key)) return { kind: 'elsewhere' };
  const obey = async (match: MatchId, command: MatchCommand) =>
    toEvent(await matches.obey(match, command, ticket));
  switch (method) {
    case 'lobby.find': {
      const finding = await lobby.find({
        game: params.game,
        cause: causeFor(player, method, params),
        channel: asker,
      });
      return finding.kind === 'refused'
        ? { kind: 'refusal', refusal: finding.refusal }
        : { kind: 'reply', result: finding.reply, names: false };
    }
    case 'lobby.cancel':
      return lobby.cancel(params.game, player, asker) === 'cancelled' ? done : no('not_waiting');
    case 'lobby.watch':
      news.watch(player, asker);
      return done;
    case 'lobby.unwatch':
      news.unwatch(asker);
      return done;
    case 'match.create': {
      const cause = causeFor(player, method, params);
      return toFollow(await matches.create({ game: params.game, visibility: params.visibility, cause }));
    }
    case 'match.join':
      if (params.match === undefined && params.code === undefined) return no('params_invalid');
      return toFollow(await matches.join(params, causeFor(player, method, params)));
    case 'match.watch':
    case 'match.get':
      if (params.match === undefined && params.code === undefined) return no('params_invalid');
      return toFollow(await matches.look(params, player));
    case 'match.move': {
      const cause = causeFor(player, method, params);
      return await obey(params.match, {
        type: 'move',
        cause,
        seq: params.seq,
        move: params.move,
        seat: params.seat,
      });
    }
    case 'match.resign':
      return await obey(params.match, {
        type: 'resign',
        cause: causeFor(player, method, params),
        seat: params.seat,
      });
    case 'match.offerDraw':
      return await obey(params.match, { type: 'offerDraw', cause: causeFor(player, method, params) });
    case 'match.answerDraw': {
      const cause = causeFor(player, method, params);
      return await obey(params.match, { type: 'answerDraw', cause, accept: params.accept });
    }
    case 'match.offerRematch':
      return toEvent(await matches.offerRematch(params.match, causeFor(player, method, params), ticket));
    case 'match.leave': {
      const command = { type: 'leave', cause: causeFor(player, method, params) } as const;
      const obeyed = await matches.obey(params.match, command);
      return obeyed.kind === 'refused' ? { kind: 'refusal', refusal: obeyed.refusal } : done;
    }
    case 'match.list':
      return { kind: 'reply', result: { matches: await lists.list({ ...params, player }) }, names: true };
    case 'match.events':
      return await answerEvents(params, services);
  }
}

/** What a proxy asks for itself, of no player's. */
export async function answerProxy(request: ProxyRequest, services: RequestServices): Promise<Answer> {
  if (request.method === 'match.events') return await answerEvents(request.params, services);
  if (request.params.filter === 'mine') return no('params_invalid');
  const matches = await services.lists.list({ ...request.params, player: undefined });
  return { kind: 'reply', result: { matches }, names: true };
}

async function answerEvents(
  { match, audience, after, limit }: (LinkRequest & { method: 'match.events' })['params'],
  { matches, ownership }: Pick<RequestServices, 'matches' | 'ownership'>,
): Promise<Answer> {
  if (!ownership.owns(match)) return { kind: 'elsewhere' };
  return await matches.with(match, (live) => {
    if (live === undefined || !audiencesOf(live.game).includes(audience)) return no('match_unknown');
    const events = live.page(after, limit, audience);
    return { kind: 'reply', result: { events, head: live.state.seq }, names: namesPlayers(events) };
  });
}

const done: Answer = { kind: 'reply', result: {}, names: false };

function no(code: Refusal['code']): Answer {
  return { kind: 'refusal', refusal: refuse(code) };
}

function toFollow(following: Following): Answer {
  switch (following.kind) {
    case 'refused':
      return { kind: 'refusal', refusal: following.refusal };
    case 'elsewhere':
      return following;
    case 'follow':
      return { kind: 'reply', result: following.follow, names: true };
  }
}

function toEvent(obeyed: Obeyed): Answer {
  switch (obeyed.kind) {
    case 'refused':
      return { kind: 'refusal', refusal: obeyed.refusal };
    case 'event':
      return { kind: 'reply', result: obeyed.event, names: namesPlayers([obeyed.event]) };
    case 'nothing':
      return done;
  }
}

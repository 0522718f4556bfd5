import type { Logger } from '../process/logger.ts';
import { Registry } from '../process/metrics.ts';
import { noTracer, type Tracer } from '../process/traces/tracer.ts';
import { base64url, webRandomBytes } from '../protocol/ids.ts';
import { openStore } from '../store/index.ts';
import { BackendMetrics } from './backend-metrics.ts';
import type { LinkCredentials } from './link/link-credentials.ts';
import type { LinkLimits } from './link/link-limits.ts';
import { LinkServer } from './link/link-server.ts';
import { Lobby } from './lobby.ts';
import { LobbyNews } from './lobby-news.ts';
import { MatchLists } from './log/match-lists.ts';
import { MatchLog } from './log/match-log.ts';
import { gameMigrations } from './log/migrations.ts';
import type { GameSchema } from './log/schema.ts';
import { Matches } from './matches.ts';
import { MembersTable } from './membership/members-table.ts';
import { Membership } from './membership/membership.ts';
import { allGames, type Catalogue, catalogueOf } from './rules/index.ts';

export interface BackendOptions {
  /** `sqlite:PATH`. */
  readonly storeUrl: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The host by which proxies reach this backend; `host` itself when left out. */
  readonly advertise?: string | undefined;
  readonly credentials: LinkCredentials;
  readonly logger: Logger;
  readonly metrics?: Registry;
  /** Goes on with what proxies trace. Default: none. */
  readonly tracer?: Tracer;
  readonly games?: Catalogue;
  readonly limits?: Partial<LinkLimits>;
  /** The outcome of a write is unknown: the process has to end at once, without answering anything more. */
  readonly fatal: (error: unknown) => void;
}

export interface Backend {
  readonly port: number;
  /** Why no match can be played here now; empty when one can. */
  obstacles(): string[];
  renew(credentials: LinkCredentials): void;
  /** Finishes what is under way and closes everything. */
  stop(): Promise<void>;
}

/**
 * Puts a backend together: store, log, matches, lobby, link. @throws StoreError, and the listener's own error
 */
export async function startBackend({
  storeUrl,
  host,
  port,
  advertise,
  credentials,
  logger,
  metrics = new Registry(),
  tracer = noTracer,
  games = catalogueOf(allGames),
  limits,
  fatal,
}: BackendOptions): Promise<Backend> {
  const store = await openStore<GameSchema>({ url: storeUrl, migrations: gameMigrations });
  const instance = base64url(webRandomBytes(12));
  const members = new MembersTable(store.db);
  const membership = new Membership({ table: members, life: instance, logger });
  const counts = new BackendMetrics(metrics);
  let fault: string | undefined;
  const log = new MatchLog({
    store,
    groupCommit: { onCommit: counts.committed },
    epochs: { current: () => membership.epoch, fence: (epoch) => members.fence(epoch) },
    watcher: {
      stalled: (kind, err) => {
        fault = kind;
        logger.error({ fault, err }, 'The match log takes nothing; commands are refused.');
      },
      recovered: () => {
        fault = undefined;
        logger.info('The match log takes events again.');
      },
      failed: fatal,
    },
  });
  const news = new LobbyNews();
  const matches = new Matches({ log, games, news, ownership: membership });
  const lists = new MatchLists({ db: store.db, games });
  const lobby = new Lobby({ matches });
  membership.onChange(({ kept }) => lobby.forgetUnless(kept));
  const services = { matches, lobby, lists, news, ownership: membership, tracer };
  const server = new LinkServer({
    host,
    port,
    credentials,
    services,
    instance,
    logger,
    ...(limits && { limits }),
  });
  counts.watch({ matches, lobby, server, membership });
  try {
    const taken = await server.listen({ host, port });
    await membership.join(`${advertise ?? host}:${taken}`);
    return {
      port: taken,
      obstacles: () => [
        ...(fault === undefined ? [] : [`the match log takes nothing (${fault})`]),
        ...(membership.epoch < 0 ? ['this backend is no member now'] : []),
      ],
      renew: (fresh) => server.renew(fresh),
      stop: async () => {
        // Others take over and are sent what is under way; without others, this one finishes it.
        if (!membership.isAlone) await membership.leave();
        await server.drain();
        await membership.leave();
        await log.idle();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

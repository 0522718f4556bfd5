import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AccountHttp } from '../../../src/client/account-http.ts';
import { AuthClient } from '../../../src/client/auth-client.ts';
import { type RunningCastling, startCastling } from '../../support/castling.ts';
import { trust } from '../../support/player.ts';
import type { Place } from '../harness/place.ts';
import { parentOf, processTree } from '../harness/processes.ts';

export interface BenchCastling extends Omit<RunningCastling, 'ca'> {
  /** All of it: supervisor, primary, workers, backend. */
  pids(): number[];
  readonly ca: string;
  /** Access tokens of so many new players, each with an account of its own. */
  tokens(count: number): Promise<string[]>;
}

export interface BenchCastlingOptions {
  readonly args?: readonly string[];
  /** More of the settings file. */
  readonly more?: string;
  readonly limits?: 'raised' | 'default';
}

/** All players come from one address here, and are not one player who goes too far. */
const raisedLimits = `
limits:
  session: { messages: { perSecond: 100000, burst: 1000000 }, bytes: { perSecond: 1GiB, burst: 1GiB } }
  account: { messages: { perSecond: 100000, burst: 1000000 }, bytes: { perSecond: 1GiB, burst: 1GiB } }
  address:
    connections: { base: 100000 }
    strangers: { base: 100000 }
    handshakes: { base: { perSecond: 100000, burst: 1000000 } }
    requests: { base: { perSecond: 100000, burst: 1000000 } }
    messages: { base: { perSecond: 100000, burst: 1000000 } }
    bytes: { base: { perSecond: 1GiB, burst: 1GiB } }
`;
const manyGuests = `
auth: { guests: { perAddressAnHour: 100000, perAddress: 1000000 } }
`;

/**
 * `castling start` as an operator runs it: accounts, policy and the durable log are on. Only what one address may ask for is more
 * than the default, since all the load comes from one.
 */
export async function startBenchCastling(
  place: Place,
  { args = [], more = '', limits = 'raised' }: BenchCastlingOptions = {},
): Promise<BenchCastling> {
  const file = join(mkdtempSync(join(place.folder, 'settings-')), 'castling.yaml');
  writeFileSync(file, (limits === 'raised' ? raisedLimits : '') + manyGuests + more);
  // Each process writes its profile when it ends.
  const env = place.profiles && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${place.profiles}` };
  const castling = await startCastling({
    ...(env && { env }),
    args: ['--certs', place.certs, '--settings', file, ...args],
  });
  trust({ ca: place.ca });
  const root = parentOf(castling.pidOf('proxy'));
  const auth = new AuthClient(new AccountHttp({ origin: castling.url }));
  return {
    ...castling,
    ca: place.ca,
    pids: () => processTree(root),
    async tokens(count) {
      const tokens: string[] = [];
      while (tokens.length < count) {
        const some = Array.from({ length: Math.min(16, count - tokens.length) }, () => auth.visit({}));
        for (const { accessToken } of await Promise.all(some)) tokens.push(accessToken);
      }
      return tokens;
    },
  };
}

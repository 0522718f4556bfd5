import { isIPv4 } from 'node:net';
import { playPath } from '../../protocol/player-messages.ts';
import { CliError } from './cli-error.ts';
import { ClientExit } from './client-exit.ts';

/** Where a Castling server is, in the forms that different callers need. */
export interface ServerAddress {
  /** `https://HOST:PORT`, the port left out when it is 443; names the server in the profile. */
  readonly origin: string;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** `wss://HOST:PORT/play` */
  readonly playUrl: string;
  /** The address never leaves this machine. */
  readonly isLoopback: boolean;
}

export const defaultUrl = 'https://localhost:8443';

/**
 * Reads `--url`. Only `https:` and nothing but a host and a port, so that no password and no path can hide in it.
 *
 * @throws CliError `url_invalid`
 */
export function parseServerAddress(text: string): ServerAddress {
  const url = URL.parse(text);
  const bare = url !== null && url.pathname === '/' && url.search === '' && url.hash === '';
  if (!bare || url.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    const message = `A server address looks like ${defaultUrl}; check --url or CASTLING_URL.`;
    throw new CliError('url_invalid', message, { exitCode: ClientExit.usage });
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    origin: url.origin,
    host,
    port: url.port === '' ? 443 : Number(url.port),
    playUrl: `wss://${url.host}${playPath}`,
    isLoopback: host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.')),
  };
}

import { join } from 'node:path';
import { DEFAULT_PORT, type StartSettings } from './start-settings.ts';

/** What the three lines depend on beside the settings. */
export type Newcomer = {
  /** How the command is called here: `npx castling` in a clone, `castling` where it is installed. */
  command: string;
  /** Where the client looks for the CA by itself. */
  usualCerts: string;
};

/**
 * The last lines of a start, for somebody who sees Castling for the first time: the address, how to register, how to
 * play. Options that the client needs here are written out, so that each line can be copied as it is.
 */
export function closingLines(settings: StartSettings, newcomer: Newcomer): string[] {
  const address = `https://${urlHost(settings.host)}:${settings.port}`;
  const url = address === `https://localhost:${DEFAULT_PORT}` ? '' : ` --url ${address}`;
  const ca = settings.certs === newcomer.usualCerts ? '' : ` --ca ${join(settings.certs, 'ca.pem')}`;
  return [
    `Castling is ready at ${address} (Ctrl-C stops it)`,
    `  register:  ${newcomer.command} register NAME${url}${ca}`,
    `  play:      ${newcomer.command} play tic-tac-toe${url}${ca}`,
  ];
}

/** A wildcard is no address to visit; an IPv6 address stands in brackets (RFC 3986 §3.2.2). */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

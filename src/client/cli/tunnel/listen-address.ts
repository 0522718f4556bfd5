import { isIP } from 'node:net';
import { CliError } from '../cli-error.ts';
import { ClientExit } from '../client-exit.ts';

/** Where the local end of a tunnel listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
}

/**
 * Reads `--listen`: `HOST:PORT`, or a port alone for this machine only. Whoever reaches the address acts as the player who
 * opened it, so one that others can reach must be asked for by name.
 *
 * @throws CliError `listen_invalid`, `listen_open`
 */
export function readListenAddress(text: string, { shared }: { readonly shared: boolean }): ListenAddress {
  const found = /^(?:(?:\[([0-9a-f:]+)\]|([^\s:[\]]+)):)?(\d{1,5})$/i.exec(text);
  const port = Number(found?.[3]);
  const host = found?.[1] ?? found?.[2] ?? '127.0.0.1';
  if (found === null || port > 65_535) {
    const message = 'Write --listen as HOST:PORT, such as 127.0.0.1:5000, or as a port alone.';
    throw new CliError('listen_invalid', message, { exitCode: ClientExit.usage });
  }
  if (!shared && !isLoopback(host)) {
    const message = `Everybody who reaches ${host}:${port} would act as you. Listen on 127.0.0.1, or say --unsafe-share if that is what you want.`;
    throw new CliError('listen_open', message, { exitCode: ClientExit.usage });
  }
  return { host, port };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

export function writeAddress({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

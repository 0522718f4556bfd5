import { join } from 'node:path';
import { startCastling } from './castling.ts';
import { type CliOptions, runCli } from './cli-process.ts';

/** A whole Castling, as players of the command line meet it. */
export interface RealServer {
  readonly url: string;
  readonly folder: string;
  readonly certs: string;
  /** A home folder in which a player of this name is registered and signed in. */
  player(name: string): Promise<CliOptions>;
  /** Kills the proxy or the backend as `kill -9` does; the supervisor starts another one. */
  kill(part: 'proxy' | 'backend'): void;
  stop(): Promise<void>;
}

export async function startRealServer(): Promise<RealServer> {
  const castling = await startCastling();
  const { url, folder } = castling;
  const certs = join(folder, 'certs');
  return {
    url,
    folder,
    certs,
    async player(name) {
      const options = { home: join(folder, `home-${name}`), url, certs };
      const input = `a fine password for ${name}\n`;
      const registered = await runCli(['register', name, '--password-stdin'], { ...options, input });
      if (registered.code !== 0) throw new Error(registered.stderr);
      return options;
    },
    kill: (part) => castling.kill(part),
    stop: async () => await castling[Symbol.asyncDispose](),
  };
}

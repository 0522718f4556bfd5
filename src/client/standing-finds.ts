import { ClientError, isRefusal } from './client-error.ts';
import type { MatchPort } from './match.ts';
import { isObject } from './server-message.ts';

interface Find {
  readonly game: string;
  readonly commandId: string;
  resolve(match: string): void;
  reject(error: unknown): void;
}

/**
 * Waits in the lobby that outlive sockets: every new socket asks again under the same command id, which gives the same
 * match however often it is asked.
 */
export class StandingFinds {
  readonly #port: MatchPort;
  readonly #finds = new Map<string, Find>();

  constructor(port: MatchPort) {
    this.#port = port;
  }

  /** The id of the match found. */
  async find(game: string, signal: AbortSignal | undefined): Promise<string> {
    if (signal?.aborted) throw new ClientError('aborted');
    const commandId = this.#port.newCommandId();
    const found = new Promise<string>((resolve, reject) => {
      this.#finds.set(commandId, { game, commandId, resolve, reject });
    });
    const abort = () => this.#cancel(commandId);
    signal?.addEventListener('abort', abort, { once: true });
    this.#ask(commandId);
    try {
      return await found;
    } finally {
      this.#finds.delete(commandId);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** A new socket is signed in. */
  askAgain(): void {
    for (const commandId of this.#finds.keys()) this.#ask(commandId);
  }

  /** `lobby.matched` came. */
  matched(params: unknown): void {
    if (!isObject(params) || typeof params.commandId !== 'string' || typeof params.match !== 'string') return;
    this.#finds.get(params.commandId)?.resolve(params.match);
  }

  close(error: ClientError): void {
    for (const find of this.#finds.values()) find.reject(error);
  }

  #ask(commandId: string): void {
    const find = this.#finds.get(commandId);
    if (find === undefined) return;
    const { game } = find;
    this.#port
      .request(
        'lobby.find',
        { game, commandId },
        { oneSocket: true, onResult: (result) => this.matched({ ...(result as object), commandId }) },
      )
      // A socket that ended takes its question with it; the next one asks again.
      .catch((error: unknown) => {
        const passes =
          error instanceof ClientError && (error.code === 'unreachable' || error.code === 'timed_out');
        if (!passes) find.reject(error);
      });
  }

  #cancel(commandId: string): void {
    const find = this.#finds.get(commandId);
    if (find === undefined) return;
    find.reject(new ClientError('aborted'));
    this.#port.request('lobby.cancel', { game: find.game }, { oneSocket: true }).catch((error: unknown) => {
      // `not_waiting`: matched at this very moment, or never asked. The seat, if any, is in the list of matches.
      if (!isRefusal(error, 'not_waiting')) return;
    });
  }
}

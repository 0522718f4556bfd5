import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Knows of each connection whether an answer has begun on it that is not yet whole. */
export class AnswersUnderWay {
  readonly #open = new WeakMap<Duplex, Set<ServerResponse>>();

  constructor(server: Pick<Server, 'prependListener'>) {
    const note = ({ socket }: IncomingMessage, response: ServerResponse) => {
      const open = this.#open.get(socket) ?? new Set();
      this.#open.set(socket, open.add(response));
      response.once('close', () => open.delete(response));
    };
    server.prependListener('request', note);
    server.prependListener('checkContinue', note);
  }

  hasBegun(socket: Duplex): boolean {
    for (const { headersSent } of this.#open.get(socket) ?? []) if (headersSent) return true;
    return false;
  }
}

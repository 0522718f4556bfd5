import type { SessionId } from '../../protocol/ids.ts';
import type { PlayerSocket } from './player-socket.ts';

/** Every socket of this process, and which session each belongs to: a session governs its sockets. */
export class Sockets implements Iterable<PlayerSocket> {
  readonly #all = new Set<PlayerSocket>();
  readonly #bySession = new Map<SessionId, Set<PlayerSocket>>();

  get size(): number {
    return this.#all.size;
  }

  add(socket: PlayerSocket): void {
    this.#all.add(socket);
  }

  /** The policy has bounded how many a session has. */
  signedIn(socket: PlayerSocket, session: SessionId): void {
    const sockets = this.#bySession.get(session) ?? new Set();
    this.#bySession.set(session, sockets.add(socket));
  }

  /** The sockets that must close when this session ends. */
  ofSession(session: SessionId): ReadonlySet<PlayerSocket> {
    return this.#bySession.get(session) ?? none;
  }

  delete(socket: PlayerSocket): void {
    this.#all.delete(socket);
    const session = socket.session.current?.session;
    if (session === undefined) return;
    const sockets = this.#bySession.get(session);
    sockets?.delete(socket);
    if (sockets?.size === 0) this.#bySession.delete(session);
  }

  [Symbol.iterator](): IterableIterator<PlayerSocket> {
    return this.#all[Symbol.iterator]();
  }
}

const none: ReadonlySet<PlayerSocket> = new Set();

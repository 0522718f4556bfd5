import type { SessionId } from '../../protocol/ids.ts';
import type { PlayerSocket } from './player-socket.ts';

/** Sockets of one session at once: tabs and devices that share a sign-in. */
const mostOfSession = 32;

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

  /** False when the session has as many sockets as it may. */
  signedIn(socket: PlayerSocket, session: SessionId): boolean {
    const sockets = this.#bySession.get(session) ?? new Set();
    if (sockets.size >= mostOfSession) return false;
    this.#bySession.set(session, sockets.add(socket));
    return true;
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

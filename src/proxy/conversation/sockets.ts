import type { SessionId } from '../../protocol/ids.ts';
import type { SignedIn } from '../session.ts';

/** A socket that belongs to a session once it is signed in. */
export interface SessionBound {
  readonly session: { readonly current: SignedIn | undefined };
}

/** Every socket of one kind in this process, and which session each belongs to: a session governs its sockets. */
export class Sockets<Each extends SessionBound> implements Iterable<Each> {
  readonly #all = new Set<Each>();
  readonly #bySession = new Map<SessionId, Set<Each>>();

  get size(): number {
    return this.#all.size;
  }

  /** Sessions that have a socket. */
  get sessions(): number {
    return this.#bySession.size;
  }

  add(socket: Each): void {
    this.#all.add(socket);
  }

  /** The policy has bounded how many a session has. */
  signedIn(socket: Each, session: SessionId): void {
    const sockets = this.#bySession.get(session) ?? new Set();
    this.#bySession.set(session, sockets.add(socket));
  }

  /** The sockets that must close when this session ends. */
  ofSession(session: SessionId): ReadonlySet<Each> {
    return this.#bySession.get(session) ?? none;
  }

  delete(socket: Each): void {
    this.#all.delete(socket);
    const session = socket.session.current?.session;
    if (session === undefined) return;
    const sockets = this.#bySession.get(session);
    sockets?.delete(socket);
    if (sockets?.size === 0) this.#bySession.delete(session);
  }

  [Symbol.iterator](): IterableIterator<Each> {
    return this.#all[Symbol.iterator]();
  }
}

const none: ReadonlySet<never> = new Set();

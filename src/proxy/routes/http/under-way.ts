import type { SessionId } from '../../../protocol/ids.ts';

/** What goes on for a session at a route, and how it is ended. */
export interface Governed {
  readonly session: SessionId | undefined;
  readonly pseudonym: string | undefined;
  end(): void;
}

/** Everything under way at one route: counted, found by session, and ended with it (promise 5). */
export class UnderWay {
  readonly #all = new Set<Governed>();
  readonly #bySession = new Map<SessionId, Set<Governed>>();
  readonly #byPlayer = new Map<string, number>();

  get size(): number {
    return this.#all.size;
  }

  of(pseudonym: string | undefined): number {
    return pseudonym === undefined ? 0 : (this.#byPlayer.get(pseudonym) ?? 0);
  }

  add(governed: Governed): void {
    const { session, pseudonym } = governed;
    this.#all.add(governed);
    if (pseudonym !== undefined) this.#byPlayer.set(pseudonym, this.of(pseudonym) + 1);
    if (session === undefined) return;
    const ofSession = this.#bySession.get(session) ?? new Set();
    this.#bySession.set(session, ofSession.add(governed));
  }

  delete(governed: Governed): void {
    const { session, pseudonym } = governed;
    if (!this.#all.delete(governed)) return;
    if (pseudonym !== undefined) {
      const left = this.of(pseudonym) - 1;
      if (left === 0) this.#byPlayer.delete(pseudonym);
      else this.#byPlayer.set(pseudonym, left);
    }
    if (session === undefined) return;
    const ofSession = this.#bySession.get(session);
    ofSession?.delete(governed);
    if (ofSession?.size === 0) this.#bySession.delete(session);
  }

  endSession(session: SessionId): void {
    for (const governed of [...(this.#bySession.get(session) ?? [])]) governed.end();
  }

  endAll(): void {
    for (const governed of [...this.#all]) governed.end();
  }
}

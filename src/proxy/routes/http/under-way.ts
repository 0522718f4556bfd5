import type { SessionId } from '../../../protocol/ids.ts';
import type { Facts } from '../../policy/filters/filter-rule.ts';
import type { Visitor } from './sign-in/visitor.ts';

/** What goes on at a route, for whom, and how it is ended. */
export interface Governed {
  /** `undefined` where nobody signs in. */
  readonly visitor: Visitor | undefined;
  /** What it came as, for filters. */
  readonly facts: Facts;
  /** Whom it counts for. */
  readonly owner: string | undefined;
  end(): void;
}

/** Everything under way at one route: counted, found by session, and ended with it (promise 5). */
export class UnderWay {
  readonly #all = new Set<Governed>();
  readonly #bySession = new Map<SessionId, Set<Governed>>();
  readonly #byOwner = new Map<string, number>();

  get size(): number {
    return this.#all.size;
  }

  of(owner: string | undefined): number {
    return owner === undefined ? 0 : (this.#byOwner.get(owner) ?? 0);
  }

  add(governed: Governed): void {
    const { owner } = governed;
    const session = governed.visitor?.session;
    this.#all.add(governed);
    if (owner !== undefined) this.#byOwner.set(owner, this.of(owner) + 1);
    if (session === undefined) return;
    const ofSession = this.#bySession.get(session) ?? new Set();
    this.#bySession.set(session, ofSession.add(governed));
  }

  delete(governed: Governed): void {
    const { owner } = governed;
    const session = governed.visitor?.session;
    if (!this.#all.delete(governed)) return;
    if (owner !== undefined) {
      const left = this.of(owner) - 1;
      if (left === 0) this.#byOwner.delete(owner);
      else this.#byOwner.set(owner, left);
    }
    if (session === undefined) return;
    const ofSession = this.#bySession.get(session);
    ofSession?.delete(governed);
    if (ofSession?.size === 0) this.#bySession.delete(session);
  }

  endSession(session: SessionId): void {
    for (const governed of [...(this.#bySession.get(session) ?? [])]) governed.end();
  }

  endWhere(matches: (governed: Governed) => boolean): void {
    for (const governed of [...this.#all]) if (matches(governed)) governed.end();
  }

  endAll(): void {
    this.endWhere(() => true);
  }
}

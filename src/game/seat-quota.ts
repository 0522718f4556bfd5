import type { Pseudonym } from '../protocol/ids.ts';
import { limits } from '../protocol/limits.ts';

/**
 * Bounds the open matches in which one player holds a seat. A seat about to be taken counts while it is, so
 * that commands sent together cannot pass the bound together.
 */
export class SeatQuota {
  readonly #countOpenSeats: (player: Pseudonym) => Promise<number>;
  readonly #most: number;
  readonly #taking = new Map<Pseudonym, number>();

  constructor({
    countOpenSeats,
    most = limits.openMatchesPerPlayer,
  }: {
    readonly countOpenSeats: (player: Pseudonym) => Promise<number>;
    readonly most?: number;
  }) {
    this.#countOpenSeats = countOpenSeats;
    this.#most = most;
  }

  /** Runs `take`, telling it whether the player may have one more seat. */
  async during<Result>(player: Pseudonym, take: (mayTakeSeat: boolean) => Promise<Result>): Promise<Result> {
    return await this.duringAll([player], (full) => take(!full.has(player)));
  }

  /**
   * Runs `take`, telling it which of the players, who are different ones, may not have one more seat each. Their
   * seats are set aside in one turn and nobody waits for another's, so that no two such commands can block each
   * other, whatever players they share.
   */
  async duringAll<Result>(
    players: readonly Pseudonym[],
    take: (full: ReadonlySet<Pseudonym>) => Promise<Result>,
  ): Promise<Result> {
    // With those before it: a seat taken while the log is read is either in what is read or in this.
    const places = players.map((player) => ({ player, taking: this.#begin(player) }));
    try {
      const full = new Set<Pseudonym>();
      for (const { player, taking } of places) {
        if ((await this.#countOpenSeats(player)) + taking > this.#most) full.add(player);
      }
      return await take(full);
    } finally {
      for (const { player } of places) this.#end(player);
    }
  }

  #begin(player: Pseudonym): number {
    const taking = (this.#taking.get(player) ?? 0) + 1;
    this.#taking.set(player, taking);
    return taking;
  }

  #end(player: Pseudonym): void {
    const left = (this.#taking.get(player) ?? 1) - 1;
    if (left === 0) this.#taking.delete(player);
    else this.#taking.set(player, left);
  }
}

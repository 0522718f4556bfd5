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
    this.#taking.set(player, (this.#taking.get(player) ?? 0) + 1);
    try {
      const held = await this.#countOpenSeats(player);
      return await take(held + (this.#taking.get(player) ?? 1) <= this.#most);
    } finally {
      const left = (this.#taking.get(player) ?? 1) - 1;
      if (left === 0) this.#taking.delete(player);
      else this.#taking.set(player, left);
    }
  }
}

/** Two players who play match after match at one server, whatever its protocol. */
export interface Table {
  /** Makes so many matches ready, so that only moves are left to be made in them. */
  prepare(matches: number): Promise<void>;
  /** Makes the `turn`-th move, counted from 0, of the `match`-th match that was prepared. */
  move(move: TableMove): Moved;
  /** That can be ready at once; any number when left out. */
  readonly matchesMost?: number;
  /** Lets go of the prepared matches, when they are over. */
  clear?(): Promise<void>;
  close(): void;
}

export interface TableMove {
  readonly match: number;
  readonly turn: number;
  readonly square: number;
}

export interface Moved {
  /** Resolves when the mover has been told that the move counts. */
  readonly answered: Promise<unknown>;
  /** Resolves when the opponent has been told of it. */
  readonly seen: Promise<unknown>;
}

/** Nine moves that end in a draw, seat 0 first. */
const squares = [4, 0, 8, 2, 1, 7, 3, 5, 6];

export interface Played {
  readonly operations: number;
  readonly latencies: number[];
}

/** Plays the prepared matches at all tables, each as fast as the server answers. */
export async function playAll(tables: readonly Table[], matches: number): Promise<Played> {
  const latencies: number[] = [];
  await Promise.all(
    tables.map(async (table) => {
      for (const move of movesOf(matches)) {
        const started = performance.now();
        const { answered, seen } = table.move(move);
        await answered;
        latencies.push(performance.now() - started);
        await seen;
      }
    }),
  );
  return { operations: latencies.length, latencies };
}

/**
 * Plays the prepared matches at a steady pace. A move that is late since the one before it took too long counts from the time at
 * which it was due, so that a server that stands still is not spared the moves that would have come.
 */
export async function playPaced(
  tables: readonly Table[],
  { matches, intervalMs }: { readonly matches: number; readonly intervalMs: number },
): Promise<Played> {
  const latencies: number[] = [];
  const begin = performance.now() + 5;
  await Promise.all(
    tables.map(async (table, number) => {
      // Spread over the interval, as people are.
      let due = begin + (intervalMs * number) / tables.length;
      for (const move of movesOf(matches)) {
        const early = due - performance.now();
        if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
        // A timer that fires late is this program's fault and no server's; a move that had to wait for another is not.
        const started = early > 0 ? performance.now() : due;
        const { answered, seen } = table.move(move);
        await answered;
        latencies.push(performance.now() - started);
        await seen;
        due += intervalMs;
      }
    }),
  );
  return { operations: latencies.length, latencies };
}

/** The moves of so many matches, one after another. */
export function* movesOf(matches: number): Generator<TableMove> {
  for (let match = 0; match < matches; match += 1) {
    for (const [turn, square] of squares.entries()) yield { match, turn, square };
  }
}

const floorMs = 100;
const ceilingMs = 3_000;

/**
 * Milliseconds before the next dial: anything between 100 and a bound that doubles with each failure, 3,000 at most.
 * Full jitter, so that the proxies of a backend that comes back do not arrive together.
 */
export function reconnectDelay(failures: number, random: () => number): number {
  const bound = Math.min(ceilingMs, floorMs * 2 ** Math.min(failures + 1, 10));
  return floorMs + random() * (bound - floorMs);
}

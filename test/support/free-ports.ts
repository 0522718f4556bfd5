import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range from which systems take the near ports of outgoing connections (32,768 up on Linux, 49,152 by
 * RFC 6335): a port out of that one, free a moment ago, was once taken by a connection of another test.
 */
const range = { first: 10_240, end: 32_768 } as const;

/** Different ports that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(range.first, range.end);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

/** So many ports in a row that nobody listens on; gives the first. */
export async function freePortsInARow(count: number): Promise<number> {
  for (;;) {
    const first = randomInt(range.first, range.end - count);
    const run = Array.from({ length: count }, (_, index) => isFree(first + index));
    if ((await Promise.all(run)).every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

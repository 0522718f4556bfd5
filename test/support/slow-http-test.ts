import { execFile } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

export interface SlowHttpTest {
  readonly url: string;
  /** Seconds. */
  readonly seconds: number;
  readonly connections: number;
  readonly perSecond: number;
  /** Slow headers, slow bodies, slow readers. */
  readonly mode: 'H' | 'B' | 'X';
}

/** Runs Debian's slowhttptest to its end, and gives what it said of the server at last: `YES` when it was there throughout. */
export function slowHttpTest({ url, seconds, connections, perSecond, mode }: SlowHttpTest): Promise<string> {
  const numbers = { '-c': connections, '-r': perSecond, '-l': seconds, '-i': 10, '-p': 3 };
  // Readers take 32 bytes in 5 s, of answers asked for ten times on each connection.
  const reading = mode === 'X' ? ['-w', '512', '-y', '1024', '-n', '5', '-z', '32', '-k', '10'] : [];
  const args = [`-${mode}`, '-u', url, ...Object.entries(numbers).flat().map(String), ...reading];
  return new Promise((resolve) => {
    execFile('slowhttptest', args, { maxBuffer: 64 * 1024 * 1024 }, (_error, stdout) => {
      const said = [...stripVTControlCharacters(stdout).matchAll(/service available:\s*(YES|NO)/g)];
      resolve(
        said.some(([, word]) => word === 'NO')
          ? 'NO'
          : (said.at(-1)?.[1] ?? `unreadable: ${stdout.slice(-500)}`),
      );
    });
  });
}

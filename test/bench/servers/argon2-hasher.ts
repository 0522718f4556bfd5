/**
 * Verifies one digest again and again, as many at once as Castling does by default, and nothing else.
 * Arguments: DIGEST PASSWORD. Each line on standard input is for how many milliseconds; the answer is how many it did.
 */
import { createInterface } from 'node:readline';
import { verify } from 'argon2';

const [digest = '', password = ''] = process.argv.slice(2);
const atOnce = 2;

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const end = performance.now() + Number(line);
  let done = 0;
  const hash = async () => {
    while (performance.now() < end) {
      if (!(await verify(digest, password))) throw new Error('The password does not fit the digest.');
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, hash));
  process.stdout.write(`${done}\n`);
}

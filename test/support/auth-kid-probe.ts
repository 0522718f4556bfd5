/** Verifies tokens whose `kid` is a path or a command, under the eyes of strace. Started by a test only. */
import { access } from 'node:fs/promises';
import { codeOf, tokenBench } from './auth-fixture.ts';

const bench = await tokenBench();
// Shows that the trace would have it.
await access('/castling-kid-control').catch(() => undefined);
for (const kid of [
  '../../castling-kid-canary',
  '/castling-kid-canary',
  'castling-kid-canary.pem',
  'file:///castling-kid-canary',
  '; touch castling-kid-canary',
  "castling-kid-canary' OR 1=1--",
]) {
  const code = await codeOf(bench.tokens.verify(await bench.sign({ header: { ...bench.header, kid } })));
  if (code !== 'token_key_unknown') throw new Error(`${kid}: ${String(code)}`);
}
await bench.store.close();

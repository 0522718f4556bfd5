/** Opens an auth store, says which keys and which cost it found there, and ends. Started several times at once by a test. */
import { once } from 'node:events';
import fastify from 'fastify';
import { createAuth } from '../../src/auth/index.ts';
import { createLogger } from '../../src/process/logger.ts';

const storeUrl = process.argv[2] ?? '';
const lines: string[] = [];
const logger = createLogger({
  name: 'test',
  destination: { write: (line: string) => void lines.push(line) },
});
process.send?.('loaded');
await once(process, 'message');
const auth = await createAuth({ storeUrl, issuer: 'https://localhost', audience: 'castling', logger });
const app = fastify();
await app.register(auth.routes);
const { keys } = (await app.inject('/.well-known/jwks.json')).json();
const { memoryKib, passes } = JSON.parse(lines.join(''));
await auth.close();
process.send?.({ kids: keys.map(({ kid }: { kid: string }) => kid), memoryKib, passes });
process.disconnect?.();

import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LinkedBackends } from '../../../../src/proxy/link/linked-backends.ts';

const logger = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

describe('a proxy that begins', () => {
  it('waits for a backend, so that its first callers are not told that there is none; but no longer than it may', async () => {
    const never = new LinkedBackends({
      addresses: ['127.0.0.1:7878'],
      dial: () => new Promise<Duplex>(() => {}),
      logger,
    });
    never.start();
    let waited = false;
    const end = never.whenUp(150).then(() => {
      waited = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(waited).toBe(false);
    await end;
    expect(never.state).toBe('away');
    never.close();
  });
});

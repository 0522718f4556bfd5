import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type RunningAuth, startAuth } from '../support/auth-fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'castling-auth-'));
afterAll(() => rmSync(folder, { recursive: true }));

const anna = { name: 'anna', password: 'correct horse' };

describe('D4 120 wrong tries on one account', () => {
  it('are held back across restarts, while the owner’s known device gets in', async () => {
    const storeUrl = `sqlite:${join(folder, 'auth.sqlite')}`;
    const start = async (now?: number): Promise<RunningAuth> => {
      const running = await startAuth({ storeUrl });
      running.clock.now = now ?? running.clock.now;
      return running;
    };
    let running = await start();
    const { device_token } = (await running.post('/auth/register', anna)).json();
    let tried = 0;
    for (let attempt = 0; attempt < 120; attempt += 1) {
      const answer = await running.post('/auth/login', { ...anna, password: 'not her password' });
      expect([401, 429]).toContain(answer.statusCode);
      if (answer.statusCode === 401) tried += 1;
      else running.clock.advance(Number(answer.headers['retry-after']) / 2);
      if (attempt % 40 === 39) {
        const { now } = running.clock;
        await running.close();
        running = await start(now);
      }
    }
    expect(tried).toBeGreaterThan(10);
    expect(tried).toBeLessThan(100);
    expect((await running.post('/auth/login', anna)).statusCode).toBe(429);
    expect((await running.post('/auth/login', { ...anna, device_token })).statusCode).toBe(200);
    await running.close();
  });
});

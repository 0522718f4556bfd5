import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/process/logger.ts';
import { startAuth } from '../support/auth-fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'castling-auth-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('C15 what is kept and logged', () => {
  it('holds no password or token, and the files are private', async () => {
    const lines: string[] = [];
    const logger = createLogger({
      name: 'test',
      level: 'trace',
      destination: { write: (line: string) => void lines.push(line) },
    });
    const running = await startAuth({ storeUrl: `sqlite:${join(folder, 'auth.sqlite')}`, logger });
    const password = 'canary pass phrase';
    const answers = [];
    for (const step of ['register', 'login', 'login']) {
      answers.push((await running.post(`/auth/${step}`, { name: 'anna', password })).json());
    }
    for (let round = 0; round < 3; round += 1) {
      const { refresh_token } = answers.at(-1);
      answers.push((await running.post('/auth/refresh', { refresh_token })).json());
    }
    await running.post('/auth/refresh', { refresh_token: answers[2].refresh_token });
    await running.get('/auth/me', answers[0].access_token);
    await running.get('/auth/me', `${answers[0].access_token}x`);
    await running.post('/auth/login', { name: 'anna', password: `${password}, wrong` });

    const files = readdirSync(folder);
    expect(files.length).toBeGreaterThan(0);
    const stored = Buffer.concat(files.map((file) => readFileSync(join(folder, file)))).toString('latin1');
    expect(stored).toContain('anna');
    for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);

    const logged = lines.join('');
    expect(logged).toContain('accounts are ready');
    const signingKey = /"d":"([\w-]{43})"/.exec(stored)?.[1];
    expect(signingKey).toBeDefined();
    expect(logged).not.toContain(signingKey);
    for (const { refresh_token, access_token } of answers) {
      for (const secret of [
        refresh_token,
        refresh_token.slice(4, 40),
        access_token,
        access_token.split('.')[2],
      ]) {
        expect(stored).not.toContain(secret);
        expect(logged).not.toContain(secret);
      }
    }
    expect(stored).not.toContain(password);
    expect(logged).not.toContain(password);
    await running.close();
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { totpCode, totpStep } from '../../src/auth/second-factor/totp.ts';
import { createLogger } from '../../src/process/logger.ts';
import { startAuth } from '../support/auth-fixture.ts';
import { fromBase32 } from '../support/base32.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';

const folder = mkdtempSync(join(tmpdir(), 'castling-auth-'));
afterAll(() => rmSync(folder, { recursive: true }));

const password = 'canary pass phrase';
const proof = { current_password: password };

describe('C15 F3 recovery codes, tickets, authenticator secrets, challenges and codes for terminals', () => {
  it('are neither in the database nor in the log, whatever goes wrong with them', async () => {
    const lines: string[] = [];
    const logger = createLogger({
      name: 'test',
      level: 'trace',
      destination: { write: (line: string) => void lines.push(line) },
    });
    const running = await startAuth({
      storeUrl: `sqlite:${join(folder, 'auth.sqlite')}`,
      logger,
      keyEncryptionSecret: Buffer.alloc(32, 9),
    });
    const anna = (await running.post('/auth/register', { name: 'anna', password })).json();
    const token: string = anna.access_token;
    const [recovery] = anna.recovery_codes;

    const enrolled = (await running.post('/auth/totp', proof, token)).json();
    const code = totpCode(fromBase32(enrolled.secret), totpStep(running.clock.now));
    expect((await running.post('/auth/totp/confirm', { code }, token)).statusCode).toBe(204);
    const { ticket } = (await running.post('/auth/login', { name: 'anna', password })).json();
    for (const typed of ['000000', recovery.toLowerCase().replace('-', ' ')]) {
      await running.post('/auth/login/second-factor', { ticket, code: typed });
    }

    const options = (
      await running.post('/auth/passkeys/options', { ...proof, code: anna.recovery_codes[1] }, token)
    ).json();
    const key = new SoftwareAuthenticator();
    const made = await running.post('/auth/passkeys', { name: 'key', passkey: key.create(options) }, token);
    expect(made.statusCode).toBe(201);
    const open = (await running.post('/auth/login/passkey/options', {})).json();
    const request = (await running.post('/auth/login/passkey/options', {})).json();
    for (const claims of [{ isForged: true }, {}]) {
      await running.post('/auth/login/passkey', { passkey: key.get(request, claims) });
    }

    const started = (await running.post('/auth/device', {})).json();
    const { device_code, user_code } = started;
    await running.post('/auth/device/token', { device_code });
    await running.post('/auth/device/look', { user_code }, token);
    await running.post('/auth/device/approve', { user_code }, token);
    await running.post('/auth/recover', { name: 'anna', recovery_code: recovery, new_password: 'short' });
    // Typed into the wrong fields.
    await running.post('/auth/login', { name: recovery, password: user_code });
    await running.post('/auth/refresh', { refresh_token: ticket });

    const logged = lines.join('');
    const stored = Buffer.concat(
      readdirSync(folder).map((file) => readFileSync(join(folder, file))),
    ).toString('latin1');
    expect(stored).toContain('anna');
    expect(logged).toContain('request refused');
    const secret = fromBase32(enrolled.secret);
    const secrets = {
      password,
      recovery,
      unused: anna.recovery_codes[7],
      ticket,
      totp: enrolled.secret,
      totpBytes: secret.toString('base64url'),
      totpRaw: secret.toString('latin1'),
      device_code,
      user_code,
      bareUserCode: user_code.replace('-', ''),
      challenge: open.challenge,
    };
    for (const [name, value] of Object.entries(secrets)) {
      expect([name, stored.includes(value)]).toEqual([name, false]);
      expect([name, logged.includes(value)]).toEqual([name, false]);
    }
    await running.close();
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { totpCode, totpStep } from '../../src/auth/second-factor/totp.ts';
import { fromBase32 } from '../support/base32.ts';
import { CliProcess } from '../support/cli-process.ts';
import { SessionProxies } from '../support/session-proxies.ts';

const home = mkdtempSync(join(tmpdir(), 'castling-totp-'));
const password = 'correct horse';
let proxies: SessionProxies;

beforeAll(async () => {
  proxies = await SessionProxies.start({ count: 1 });
});
afterAll(async () => {
  await proxies[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

function castling(...args: string[]): CliProcess {
  const url = proxies.urls[0] ?? '';
  return new CliProcess([...args, '--json', '--password-stdin'], {
    home,
    url,
    ca: proxies.certificates.path('ca.pem'),
  });
}

/** Runs a command to its end with these lines as its input, and gives the objects that it printed. */
async function run(args: string[], lines: string[]): Promise<Record<string, unknown>[]> {
  const command = castling(...args);
  command.finish(lines.map((line) => `${line}\n`).join(''));
  await command.done;
  return command.objects;
}

describe('D9 a second factor in the terminal', () => {
  it('is set up, asked for, stood in for by a recovery code, renewed and turned off', async () => {
    const [registered] = await run(['register', 'anna'], [password]);
    const [first, second] = registered!.recoveryCodes as string[];

    const enabling = castling('totp', 'enable');
    enabling.type(`${password}\n`);
    await enabling.sees('totpSecret');
    const [{ secret, uri } = {}] = enabling.objects;
    expect(uri).toContain('otpauth://totp/Castling%20(localhost):anna?');
    const key = fromBase32(String(secret));
    const step = totpStep(Date.now());
    enabling.finish(`${totpCode(key, step)}\n`);
    expect(await enabling.done).toBe(0);
    expect(enabling.objects.at(-1)).toMatchObject({ type: 'totpEnabled', recoveryCodesLeft: 8 });

    // A code counts once, so this is the next one, which counts early, or a later one on a slow machine.
    const next = totpCode(key, Math.max(step + 1, totpStep(Date.now())));
    expect(await run(['login', 'anna'], [password, next])).toMatchObject([
      { type: 'signedIn', name: 'anna' },
    ]);

    const [renewed] = await run(['recovery-codes'], [password, first!]);
    expect(renewed).toMatchObject({ type: 'recoveryCodes', name: 'anna' });
    const [fresh] = renewed!.recoveryCodes as string[];
    expect(await run(['totp', 'disable'], [password, second!])).toMatchObject([
      { code: 'second_factor_wrong' },
    ]);
    expect(await run(['totp', 'disable'], [password, fresh!])).toMatchObject([{ type: 'totpDisabled' }]);
    expect(await run(['login', 'anna'], [password])).toMatchObject([{ type: 'signedIn' }]);
  });
});

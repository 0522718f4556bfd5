import { describe, expect, it } from 'vitest';
import { unknownKey } from '../../../../src/settings/reading/unknown-key.ts';
import { settingsKeys } from '../../../../src/settings/settings-keys.ts';

describe('a key that does not exist', () => {
  it.each([
    ['proxy.prot', 'proxy.port'],
    ['proxy.admin_port', 'proxy.adminPort'],
    ['proxi', 'proxy'],
    ['prot', 'proxy.port or backend.port'],
    ['adminPort', 'proxy.adminPort'],
    ['backend.adminPort', 'proxy.adminPort'],
    ['proxi.port', 'proxy.port or backend.port'],
    ['cert', 'certs'],
  ])('%s probably meant %s', (written, meant) => {
    expect(unknownKey(written, { keys: settingsKeys })).toBe(`there is no such key; did you mean ${meant}?`);
  });

  it.each(['', '.', 'zzzzzzzz', 'x'.repeat(5_000), '__proto__'])('%s is like none', (written) => {
    expect(unknownKey(written, { keys: settingsKeys })).toContain('lists them all');
  });
});

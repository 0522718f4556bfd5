import { describe, expect, it } from 'vitest';
import { authLimits, authLimitsFrom } from '../../../src/auth/auth-limits.ts';
import { limitDefaults } from '../../../src/settings/index.ts';
import { loadSettings } from '../../../src/settings/load-settings.ts';
import { settingsKeys } from '../../../src/settings/settings-keys.ts';

const nothing = { flags: [], env: { CASTLING_DATA: '/nowhere' }, cwd: '/nowhere' };

describe('the schema of all settings', () => {
  it('has keys in lower camel case, no variable twice, and no short flag twice', () => {
    for (const { key } of settingsKeys) expect(key).toMatch(/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*$/);
    const variables = settingsKeys.map(({ variable }) => variable);
    expect(new Set(variables).size).toBe(variables.length);
    expect(variables).toContain('CASTLING_PROXY_ADMIN_PORT');
    const flags = settingsKeys.flatMap(({ notes }) => notes.flag?.split(' ')[0] ?? []);
    expect(new Set(flags).size).toBe(flags.length);
  });

  it.each(settingsKeys.map((each) => [each.key, each] as const))(
    '%s says what it does, when it changes, and what it is without being given',
    (_key, { schema, notes }) => {
      expect(schema.description).toMatch(/^[^a-z].{10,}\.$/s);
      expect(['live', 'restart']).toContain(notes.change);
      const ways = [
        schema.default !== undefined,
        notes.derived !== undefined,
        schema['~optional'] !== undefined,
      ];
      expect(ways.filter(Boolean)).toHaveLength(1);
    },
  );

  it('has defaults that keep its own rules', async () => {
    const { settings, origins } = await loadSettings(nothing);
    expect(settings.proxy.port).toBe(8443);
    expect(settings.proxy.link).toEqual({ host: '127.0.0.1', port: 7878 });
    expect(settings.auth.store).toBe('sqlite:/nowhere/auth.db');
    expect([...origins.values()].every(({ from }) => from !== 'file' && from !== 'flag')).toBe(true);
    expect(Object.isFrozen(settings) && Object.isFrozen(settings.limits.session.messages)).toBe(true);
  });

  it('has the defaults of the parts that obey it', async () => {
    const { settings } = await loadSettings(nothing);
    expect(settings.limits).toEqual(limitDefaults);
    expect(authLimitsFrom(settings.auth)).toEqual(authLimits);
  });
});

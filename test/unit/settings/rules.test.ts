import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../../src/settings/load-settings.ts';

async function mistakesIn(keys: Readonly<Record<string, string>>): Promise<string[]> {
  const flags = Object.entries(keys).map(([key, text]) => ({ key, text, flag: '--set' }));
  try {
    await loadSettings({ flags, env: { CASTLING_DATA: '/nowhere' }, cwd: '/nowhere' });
    return [];
  } catch (error) {
    return (error as { problems: { key: string }[] }).problems.map(({ key }) => key);
  }
}

describe('what must hold between keys', () => {
  it.each([
    [{ 'auth.sessions.idleLifetime': '10d', 'auth.sessions.lifetime': '5d' }, 'auth.sessions.idleLifetime'],
    [{ 'auth.guessing.firstPause': '10m', 'auth.guessing.longestPause': '5m' }, 'auth.guessing.longestPause'],
    [{ 'auth.guessing.freeTries': '50', 'auth.guessing.mostTries': '20' }, 'auth.guessing.mostTries'],
  ])('%j is refused at %s', async (keys, at) => {
    expect(await mistakesIn(keys)).toEqual([at]);
  });

  it.each([
    { 'auth.sessions.idleLifetime': '5d', 'auth.sessions.lifetime': '5d' },
    { 'auth.guessing.firstPause': '5m', 'auth.guessing.longestPause': '5m' },
    { 'auth.guessing.freeTries': '20', 'auth.guessing.mostTries': '20' },
  ])('%j is taken: equal is not less', async (keys) => {
    expect(await mistakesIn(keys)).toEqual([]);
  });
});

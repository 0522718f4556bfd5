import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Pseudonyms } from '../../../src/auth/pseudonyms.ts';
import type { AuthSchema } from '../../../src/auth/schema.ts';
import { newId, type PlayerId, type Pseudonym, parseId, webRandomBytes } from '../../../src/protocol/ids.ts';
import type { Store } from '../../../src/store/index.ts';
import { memoryStore } from '../../support/auth-fixture.ts';

let store: Store<AuthSchema>;
let pseudonyms: Pseudonyms;

const load = async (): Promise<Pseudonyms> =>
  await Pseudonyms.load(store, { clock: Date.now, randomBytes: webRandomBytes });

async function account(name: string): Promise<PlayerId> {
  const player = newId('player');
  await store.db
    .insertInto('accounts')
    .values({ player, name, name_skeleton: name, password_digest: '', created_at: 0, disabled_at: null })
    .execute();
  return player;
}

beforeEach(async () => {
  store = await memoryStore();
  pseudonyms = await load();
});
afterEach(async () => {
  await store.close();
});

describe('F1 what a backend knows a player by', () => {
  it('holds nothing of the player id or the name', async () => {
    const player = await account('canary-name');
    const pseudonym = await pseudonyms.of(player, 'game');
    expect(parseId('pseudonym', pseudonym)).toBe(pseudonym);
    expect(pseudonym).not.toContain('canary');
    expect(pseudonym.slice(2)).not.toBe(player.slice(2));
  });

  it('leads back to the display name, in its own realm only', async () => {
    const pseudonym = await pseudonyms.of(await account('anna'), 'game');
    for (const reader of [pseudonyms, await load()]) {
      expect(await reader.shownAs(pseudonym, 'game')).toEqual({ name: 'anna' });
      expect(await reader.shownAs(pseudonym, 'other')).toBeUndefined();
      expect(await reader.shownAs(`y_${'A'.repeat(22)}` as Pseudonym, 'game')).toBeUndefined();
    }
  });

  it('notices a pseudonym that becomes known later', async () => {
    const player = await account('anna');
    const pseudonym = await (await load()).of(player, 'game');
    await store.db.deleteFrom('pseudonyms').execute();
    expect(await pseudonyms.shownAs(pseudonym, 'game')).toBeUndefined();
    await pseudonyms.of(player, 'game');
    expect(await pseudonyms.shownAs(pseudonym, 'game')).toEqual({ name: 'anna' });
  });
});

describe('F2 pairwise pseudonyms', () => {
  it('are stable, also for another process, and differ by realm and by player', async () => {
    const [anna, bert] = [await account('anna'), await account('bert')];
    const first = await pseudonyms.of(anna, 'game');
    expect(await pseudonyms.of(anna, 'game')).toBe(first);
    expect(await (await load()).of(anna, 'game')).toBe(first);
    const others = [
      await pseudonyms.of(anna, 'chess'),
      await pseudonyms.of(bert, 'game'),
      await pseudonyms.of(bert, 'chess'),
    ];
    expect(new Set([first, ...others]).size).toBe(4);
  });

  it('differ in another installation, which has another key', async () => {
    const player = await account('anna');
    const here = await pseudonyms.of(player, 'game');
    await store.db.deleteFrom('pseudonyms').execute();
    await store.db.deleteFrom('secret_keys').execute();
    expect(await (await load()).of(player, 'game')).not.toBe(here);
  });

  it('keep realms apart that only differ by where they end', async () => {
    const player = await account('anna');
    expect(await pseudonyms.of(player, 'a:')).not.toBe(await pseudonyms.of(player, 'a'));
  });
});

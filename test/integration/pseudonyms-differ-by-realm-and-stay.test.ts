import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { KeyEncryption } from '../../src/auth/key-encryption.ts';
import { migrations } from '../../src/auth/migrations.ts';
import type { AuthSchema } from '../../src/auth/schema.ts';
import { rotateKeys } from '../../src/auth/tokens/key-rotation.ts';
import type { PlayerId } from '../../src/protocol/ids.ts';
import { openStore } from '../../src/store/index.ts';
import { LinkTap } from '../support/proxy-link-tap.ts';
import { type Account, ProxyRig } from '../support/proxy-rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'castling-pairwise-'));
afterAll(() => rmSync(folder, { recursive: true }));
const storeUrl = `sqlite:${join(folder, 'auth.db')}`;
const password = 'correct horse battery';

const pseudonymsIn = (tap: LinkTap): string[] => [
  ...new Set(tap.sent.toString('latin1').match(/y_[\w-]{22}/g) ?? []),
];

/** Whom a running backend meets when these sign in, and what other realms would call them. */
async function meet(names: readonly string[]) {
  const tap = new LinkTap();
  await using rig = await ProxyRig.start({ dial: tap.on, auth: { storeUrl } });
  const met: { name: string; account: Account; seen: string; elsewhere: string[] }[] = [];
  for (const name of names) {
    const before = new Set(pseudonymsIn(tap));
    const account = await signIn(rig, name);
    const player = await rig.player(name, { token: account.access_token });
    await player.demand('match.create', { game: 'tic-tac-toe', commandId: player.commandId() });
    const [seen = ''] = pseudonymsIn(tap).filter((pseudonym) => !before.has(pseudonym));
    const id = account.player as PlayerId;
    const elsewhere = [await rig.auth.pseudonymOf(id, 'other'), await rig.auth.pseudonymOf(id, 'game2')];
    met.push({ name, account, seen, elsewhere });
  }
  return met;
}

async function signIn(rig: ProxyRig, name: string): Promise<Account> {
  const body = JSON.stringify({ name, password });
  const headers = { 'content-type': 'application/json' };
  const answer = await rig.request('/auth/login', { method: 'POST', headers, body });
  return answer.status === 200 ? (JSON.parse(answer.body) as Account) : await rig.register(name, password);
}

describe('F2 what running backends know a player by', () => {
  it('is the same after restarts and rotated keys, another one for each player and each realm', async () => {
    const [ada, bob] = await meet(['ada', 'bob']);
    expect(ada?.seen).toMatch(/^y_/);
    expect(bob?.seen).toMatch(/^y_/);
    const store = await openStore<AuthSchema>({ url: storeUrl, migrations });
    await rotateKeys(store, { clock: Date.now, encryption: new KeyEncryption(undefined), atOnce: true });
    await store.close();
    const [again, bobAgain] = await meet(['ada', 'bob']);
    expect([again?.seen, bobAgain?.seen]).toEqual([ada?.seen, bob?.seen]);
    expect(again?.account.session).not.toBe(ada?.account.session);
    const all = [ada, bob].flatMap((each) => [each?.seen, ...(each?.elsewhere ?? [])]);
    expect(new Set(all).size).toBe(6);
  });

  it('is another one where the key is another one, so that it cannot be computed from the player’s id', async () => {
    const [ada] = await meet(['ada']);
    const store = await openStore<AuthSchema>({ url: storeUrl, migrations });
    await store.db.deleteFrom('secret_keys').where('purpose', '=', 'pairwise').execute();
    await store.db.deleteFrom('pseudonyms').execute();
    await store.close();
    const [again] = await meet(['ada']);
    expect(again?.account.player).toBe(ada?.account.player);
    expect(again?.seen).not.toBe(ada?.seen);
  });
});

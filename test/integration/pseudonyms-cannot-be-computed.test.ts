import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { migrations } from '../../src/auth/migrations.ts';
import type { AuthSchema } from '../../src/auth/schema.ts';
import { openStore } from '../../src/store/index.ts';
import { LinkTap } from '../support/proxy-link-tap.ts';
import { type Account, ProxyRig } from '../support/proxy-rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'castling-pairwise-'));
afterAll(() => rmSync(folder, { recursive: true }));
const storeUrl = `sqlite:${join(folder, 'auth.db')}`;
const password = 'correct horse battery';

/** Whom a running backend meets when ada signs in. */
async function meetAda(): Promise<{ readonly account: Account; readonly seen: readonly string[] }> {
  const tap = new LinkTap();
  await using rig = await ProxyRig.start({ dial: tap.on, auth: { storeUrl } });
  const account = await signIn(rig, 'ada');
  const player = await rig.player('ada', { token: account.access_token });
  await player.demand('match.create', { game: 'tic-tac-toe', commandId: player.commandId() });
  return { account, seen: [...new Set(tap.sent.toString('latin1').match(/y_[\w-]{22}/g))] };
}

async function signIn(rig: ProxyRig, name: string): Promise<Account> {
  const body = JSON.stringify({ name, password });
  const headers = { 'content-type': 'application/json' };
  const answer = await rig.request('/auth/login', { method: 'POST', headers, body });
  return answer.status === 200 ? (JSON.parse(answer.body) as Account) : await rig.register(name, password);
}

describe('F2 what a running backend knows a player by', () => {
  it('is another one where the key is another one, so that it cannot be computed from the player’s id', async () => {
    const ada = await meetAda();
    expect(ada.seen).toHaveLength(1);
    expect((await meetAda()).seen).toEqual(ada.seen);
    const store = await openStore<AuthSchema>({ url: storeUrl, migrations });
    await store.db.deleteFrom('secret_keys').where('purpose', '=', 'pairwise').execute();
    await store.db.deleteFrom('pseudonyms').execute();
    await store.close();
    const again = await meetAda();
    expect(again.account.player).toBe(ada.account.player);
    expect(again.seen).toHaveLength(1);
    expect(again.seen).not.toEqual(ada.seen);
  });
});

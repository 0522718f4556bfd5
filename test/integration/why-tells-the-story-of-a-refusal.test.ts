import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCastling } from '../support/castling.ts';
import { commandId, openRawPlayer, registerRawPlayer } from '../support/raw-player.ts';

type Castling = Awaited<ReturnType<typeof startCastling>>;
const bin = new URL('../../scripts/castling.js', import.meta.url).pathname;

let castling: Castling;
beforeAll(async () => {
  castling = await startCastling({ args: ['--set', 'proxy.workers=2'] });
});
afterAll(async () => await castling[Symbol.asyncDispose]());

function why(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const command = [bin, 'why', ...args, '--data', join(castling.folder, 'data')];
    execFile(process.execPath, command, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('castling why', () => {
  it('tells a refusal of the policy, of a backend, and of HTTP, whichever worker made it; and no secret', async () => {
    const ada = await registerRawPlayer(castling, { name: 'ada' });
    // Connections spread over both workers.
    const sockets = [ada, await openRawPlayer(castling, ada.grant), await openRawPlayer(castling, ada.grant)];
    const match = 'm_0123456789abcdef';
    const ids: string[] = [];
    for (const socket of sockets) {
      const unfollowed = await socket.call('match.unwatch', { match });
      const unknown = await socket.call('match.resign', { match, commandId: commandId() });
      for (const { error } of [unfollowed, unknown]) ids.push(String(error?.data.requestId));
    }
    const [byPolicy = '', byBackend = ''] = ids;
    const { stdout: story } = await why(byPolicy);
    expect(story).toContain(`${byPolicy} was refused`);
    expect(story).toMatch(/what +match.unwatch in m_0123456789abcdef on the route game/);
    expect(story).toMatch(/answer +not_following/);
    expect(story).toMatch(/rule +follows.unwatch/);
    const decision = JSON.parse((await why(byBackend, '--json')).stdout);
    expect(decision).toMatchObject({ stage: 'backend', code: 'match_unknown', kind: 'match.resign', match });
    expect(decision.session).toMatch(/^s_/);

    const wrong = await fetch(`${castling.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'ada', password: 'not the password' }),
    });
    const { requestId } = (await wrong.json()) as { requestId: string };
    const told = await why(requestId);
    expect(told.stdout).toMatch(/what +POST \/auth\/login on the route accounts in \d+ ms/);

    const list = await why();
    for (const id of [...ids, requestId]) expect(list.stdout).toContain(id);
    for (const secret of [ada.grant.accessToken, 'not the password', 'ada']) {
      expect(list.stdout + told.stdout).not.toContain(secret);
    }
  });

  it('says when nobody remembers', async () => {
    const { code, stderr } = await why('r_nobody');
    expect(code).toBe(69);
    expect(stderr).toContain('Nobody here remembers r_nobody.');
  });
});

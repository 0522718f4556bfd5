import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LinkTap } from '../support/proxy-link-tap.ts';
import { startMatch } from '../support/proxy-player.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

describe('F1 the backend does not know who plays', () => {
  it('no name, address, agent, token or account id reaches it; no pseudonym reaches a player', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'castling-proxy-'));
    const tap = new LinkTap();
    const canary = { name: 'canarybird', agent: 'canary-agent/1.0', password: 'canary password 9' };
    {
      await using rig = await ProxyRig.start({ backend: `sqlite:${join(folder, 'game.db')}`, dial: tap.on });
      const account = await rig.register(canary.name, canary.password);
      const webSocket = { headers: { 'user-agent': canary.agent, 'x-forwarded-for': '203.0.113.77' } };
      const ada = await rig.player(canary.name, { token: account.access_token, webSocket });
      const [bob, eve] = await Promise.all([rig.player('bobwhite'), rig.player('evergreen')]);

      await ada.demand('lobby.find', { game: 'tic-tac-toe', commandId: ada.commandId() });
      await ada.demand('lobby.cancel', { game: 'tic-tac-toe' });
      const { match, code, seats, seq } = await startMatch(ada, bob);
      await eve.demand('match.watch', { code, after: 0 });
      for (const [turn, move] of [0, 3, 1, 4, 2].entries()) {
        const mover = seats[turn % 2 === 0 ? 0 : 1];
        await mover.demand('match.move', { match, seq: seq + turn + 1, commandId: mover.commandId(), move });
      }
      await ada.demand('match.list', { filter: 'mine' });
      await ada.demand('match.get', { match });
      await ada.refusal('match.move', { match, seq: 3, commandId: ada.commandId(), move: 8 });

      const secrets = [
        ...Object.values(canary),
        'bobwhite',
        'evergreen',
        account.player,
        account.session,
        account.access_token,
        account.refresh_token,
        '203.0.113.77',
      ];
      const stored = readdirSync(folder).map((file) => readFileSync(join(folder, file)));
      for (const bytes of [tap.sent, ...stored]) {
        for (const secret of secrets) expect(bytes.includes(secret), secret).toBe(false);
      }
      // What it does get, so that the search above is known to look at the right bytes.
      expect(tap.sent.toString('latin1')).toMatch(/y_[\w-]{22}/);
      expect(Buffer.concat(stored).toString('latin1')).toContain(match);

      for (const player of [ada, bob, eve]) {
        const heard = JSON.stringify(player.heard);
        expect(heard).not.toMatch(/y_[\w-]{22}/);
        expect(heard).not.toMatch(/"audience"/);
      }
      expect(JSON.stringify(eve.heard)).toContain('"name":"canarybird"');
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('one subscription serves all who follow, however many', async () => {
    const tap = new LinkTap();
    await using rig = await ProxyRig.start({ dial: tap.on });
    const [ada, bob] = await Promise.all([rig.player('ada'), rig.player('bob')]);
    const { code } = await startMatch(ada, bob);
    const before = tap.count('subscribe');
    for (let count = 0; count < 5; count += 1) {
      const spectator = await rig.player(`spectator${count}`);
      await spectator.demand('match.watch', { code });
    }
    expect(before).toBe(1);
    expect(tap.count('subscribe')).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { closings } from '../../src/protocol/closings.ts';
import { startMatch } from '../support/proxy-player.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

describe('B8 a move under way when its session ends', () => {
  it('is on disk and acknowledged, or refused and has not happened', async () => {
    await using rig = await ProxyRig.start();
    const outcomes = { acknowledged: 0, refused: 0 };
    for (let round = 0; round < 12; round += 1) {
      const account = await rig.register(`mover${round}`);
      const mover = await rig.player('mover', { token: account.access_token });
      const watcher = await rig.player(`watcher${round}`);
      const { match, seq, seats } = await startMatch(mover, watcher);
      if (seats[0] !== mover)
        await seats[0]!.demand('match.move', {
          match,
          seq: seq + 1,
          commandId: watcher.commandId(),
          move: 8,
        });
      const next = seats[0] === mover ? seq + 1 : seq + 2;
      if (next !== seq + 1) await mover.notification('match.event', (event) => event.seq === seq + 1);
      const logout = rig.request('/auth/logout', {
        method: 'POST',
        headers: { authorization: `Bearer ${account.access_token}` },
      });
      // Every other move is sent when the end is known already.
      if (round % 2 === 1) await logout;
      const answer = mover
        .ask('match.move', { match, seq: next, commandId: mover.commandId(), move: 4 })
        .then(
          ({ result }) => (result === undefined ? 'refused' : 'acknowledged'),
          () => 'refused' as const,
        );
      const { code } = await mover.closed;
      await logout;
      expect(code).toBe(closings.session_ended.code);
      const outcome = await answer;
      outcomes[outcome] += 1;
      const { snapshot } = await watcher.demand('match.get', { match });
      expect(snapshot.seq).toBe(outcome === 'acknowledged' ? next : next - 1);
    }
    expect(outcomes.refused).toBeGreaterThan(0);
    expect(outcomes.acknowledged).toBeGreaterThan(0);
  });
});

describe('B8 an access token that expires', () => {
  it('closes the socket with the code that lets the client refresh and come back', async () => {
    await using rig = await ProxyRig.start({ backend: false, auth: { accessTokenSeconds: 1 } });
    const player = await rig.player('anna');
    const { code } = await player.closed;
    expect(code).toBe(closings.token_expired.code);
    expect(player.heard.at(-1)).toMatchObject({
      method: 'session.closing',
      params: { code, reconnect: true },
    });
  });
});

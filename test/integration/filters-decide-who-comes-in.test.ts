import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FilterSettings } from '../../src/proxy/policy/filters/filter-rule.ts';
import { Filters } from '../../src/proxy/policy/filters/filters.ts';
import { startMatch } from '../support/proxy-player.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start();
});
afterAll(async () => await rig[Symbol.asyncDispose]());

const use = (...rules: FilterSettings[]) => rig.proxy.filter(new Filters(rules));

async function matches(): Promise<string[]> {
  const text = await rig.metrics();
  return text.split('\n').filter((line) => line.startsWith('castling_policy_filter_matches_total{'));
}

describe('filters, changed while players are connected', () => {
  it('refuse a kind of message with the rule and a request id, and nothing of it is done', async () => {
    const [ada, bob] = await Promise.all([rig.player('ada'), rig.player('bob')]);
    const { match, seats, seq } = await startMatch(ada, bob);
    use(
      { id: 'no-resigning', action: 'deny', kinds: ['match.resign'] },
      { id: 'fewer-lists', action: 'shadow', kinds: ['match.list'] },
    );
    const refused = await ada.refusal('match.resign', { match, commandId: ada.commandId() });
    expect(refused).toMatchObject({
      code: 'filtered',
      rule: 'no-resigning',
      requestId: expect.stringMatching(/^r_/),
    });
    expect(refused).not.toHaveProperty('retryAfterMs');
    await ada.demand('match.list', { filter: 'mine' });
    const move = { match, seq: seq + 1, move: 4, commandId: seats[0].commandId() };
    expect(await seats[0].demand('match.move', move)).toMatchObject({ type: 'moved' });
    expect(await matches()).toEqual([
      'castling_policy_filter_matches_total{rule="no-resigning",action="deny",stage="message"} 1',
      'castling_policy_filter_matches_total{rule="fewer-lists",action="shadow",stage="message"} 1',
    ]);

    use();
    expect(await ada.demand('match.resign', { match, commandId: ada.commandId() })).toMatchObject({
      type: 'resigned',
    });
    expect(await matches()).toEqual([]);
  });

  it('refuse a request by its route, however its path is spelled', async () => {
    use({ id: 'no-accounts', action: 'deny', kinds: ['* /auth/register', 'POST /auth/login'] });
    for (const path of ['/auth/register', '/auth/%72egister', '/auth/login?x=1']) {
      const answer = await rig.request(path, { method: 'POST' });
      expect([path, answer.status]).toEqual([path, 403]);
      expect(JSON.parse(answer.body)).toMatchObject({
        code: 'filtered',
        rule: 'no-accounts',
        requestId: expect.stringMatching(/^r_/),
      });
    }
    expect((await rig.request('/api/games')).status).toBe(200);
  });

  it('close an upgrade with the rule, before anything of it is heard', async () => {
    use({ id: 'no-programs', action: 'deny', routes: ['game'], origins: ['none'] });
    const player = rig.connect();
    expect(await player.closed).toEqual({ code: 4514, reason: 'filtered' });
    expect(player.heard).toMatchObject([
      {
        method: 'session.closing',
        params: { rule: 'no-programs', requestId: expect.stringMatching(/^r_/), reconnect: false },
      },
    ]);
  });

  it('refuse a connection before its handshake, and let the one past that a rule above allows', async () => {
    use({ id: 'nobody', action: 'deny', addresses: ['127.0.0.0/8'] });
    const shaken = await new Promise<boolean>((resolve) => {
      const socket = connect({ port: rig.port, host: '127.0.0.1', ca: rig.ca, servername: 'localhost' });
      socket.once('secureConnect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
    });
    expect(shaken).toBe(false);
    use(
      { id: 'games-list', action: 'allow', kinds: ['GET /api/games'] },
      { id: 'nobody', action: 'deny', addresses: ['127.0.0.0/8'] },
    );
    expect((await rig.request('/api/games')).status).toBe(200);
    expect((await rig.request('/')).status).toBe(403);
  });
});

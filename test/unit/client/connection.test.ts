import { describe, expect, it } from 'vitest';
import { ClientError } from '../../../src/client/client-error.ts';
import type { Connection } from '../../../src/client/connection.ts';
import type { Match } from '../../../src/client/match.ts';
import { World } from '../../support/cli-connected.ts';

async function failureOf(promise: Promise<unknown>): Promise<ClientError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ClientError)) throw new Error('It did not fail as expected.', { cause: error });
  return error;
}

async function twoPlayers(world: World): Promise<{ ada: Connection; bob: Connection; x: Match; o: Match }> {
  const ada = world.connect('ada');
  const bob = world.connect('bob');
  const first = ada.findMatch('tic-tac-toe');
  await world.settle();
  const second = bob.findMatch('tic-tac-toe');
  await world.settle();
  return { ada, bob, x: await first, o: await second };
}

describe('signing in', () => {
  it('takes the session that the server announces after an upgrade with a token', async () => {
    const world = new World();
    const connection = world.connect('ada');
    await world.settle();
    expect(await connection.opened()).toMatchObject({ name: 'ada' });
    expect(world.asked).toEqual([]);
  });

  it('opens the session with its first message where an upgrade cannot carry a token', async () => {
    const world = new World();
    const connection = world.connect('ada', { dial: world.network.dial({ tokenInUpgrade: false }) });
    await world.settle();
    expect(await connection.opened()).toMatchObject({ name: 'ada' });
    expect(world.asked).toEqual(['session.open']);
  });

  it('replaces an invalid token once, and gives up when the next one is invalid, too', async () => {
    const world = new World();
    const connection = world.connect('ada');
    world.server.tokens.clear();
    await world.settle();
    await world.wait(5_000);
    expect(await connection.opened()).toMatchObject({ name: 'ada' });
    expect(world.tokens.get('ada')?.renewals).toBe(1);

    const hopeless = world.connect('bob', {
      tokens: { accessToken: async () => ({ token: 'forged', expiresAt: 0 }) },
    });
    await world.settle();
    await world.wait(5_000);
    expect((await failureOf(hopeless.opened())).code).toBe('signed_out');
  });

  it('tells the cause after as many failed attempts as asked, and goes on trying', async () => {
    const world = new World();
    world.network.down = true;
    const connection = world.connect('ada');
    const opened = connection.opened({ attempts: 2 });
    const failed = failureOf(opened);
    await world.wait(10_000);
    expect((await failed).code).toBe('unreachable');
    world.network.down = false;
    await world.wait(10_000);
    expect(connection.state.value.phase).toBe('open');
  });
});

describe('refreshing', () => {
  it('renews the session in-band before it expires, on the same socket', async () => {
    const world = new World();
    const connection = world.connect('ada');
    await world.settle();
    world.server.expiresAt += 600;
    await world.wait(509_000);
    expect(world.asked).toEqual([]);
    await world.wait(2_000);
    expect(world.asked).toEqual(['session.refresh']);
    expect(world.network.dials).toBe(1);
    expect(connection.state.value).toMatchObject({
      phase: 'open',
      session: { expiresAt: world.server.expiresAt },
    });
  });

  it('renews when the server says that the session is expiring, whatever the own clock says', async () => {
    const world = new World();
    world.server.expiresAt = 1; // Long ago by this machine's clock.
    world.connect('ada');
    await world.settle();
    world.socket.notify('session.expiring', { expiresAt: 2 });
    await world.settle();
    expect(world.asked).toEqual(['session.refresh']);
    expect(world.tokens.get('ada')?.renewals).toBe(1);
  });

  it('does not refresh again and again when the own clock is fast', async () => {
    const world = new World();
    world.server.expiresAt = world.timers.now() / 1000 + 91;
    world.connect('ada');
    await world.settle();
    await world.wait(60_000);
    expect(world.asked).toEqual([]);
  });

  it('comes back with a fresh token after the server closed for an expired one', async () => {
    const world = new World();
    const connection = world.connect('ada');
    await world.settle();
    world.socket.closing('token_expired', 4001, { reconnect: true });
    await world.settle();
    await world.wait(1_000);
    expect(connection.state.value.phase).toBe('open');
    expect(world.tokens.get('ada')?.renewals).toBe(1);
  });

  it('ends when the token source says that only signing in helps', async () => {
    const world = new World();
    const connection = world.connect('ada');
    await world.settle();
    world.tokens.get('ada')!.failure = new ClientError('signed_out');
    world.socket.notify('session.expiring', { expiresAt: 2 });
    await world.settle();
    expect(connection.state.value).toMatchObject({ phase: 'closed', error: { code: 'signed_out' } });
  });
});

describe('coming back', () => {
  it('waits at least as long as the server asked for', async () => {
    const world = new World();
    const connection = world.connect('ada');
    await world.settle();
    world.socket.closing('restarting', 4000, { reconnect: true, retryAfterMs: 7_000 });
    await world.settle();
    await world.wait(6_990);
    expect(connection.state.value.phase).toBe('waiting');
    await world.wait(300);
    expect(connection.state.value.phase).toBe('open');
  });

  it.each([
    ['violation', 4500],
    ['flood', 4505],
    ['too large', 1009],
  ])('does not come back after %s', async (reason, code) => {
    const world = new World();
    const connection = world.connect('ada');
    await world.settle();
    if (code >= 4000) world.socket.closing(reason, code, { reconnect: false });
    else world.network.open[0]?.break(code);
    await world.settle();
    await world.wait(60_000);
    expect(connection.state.value).toMatchObject({
      phase: 'closed',
      error: { code: 'dismissed', closeCode: code },
    });
    expect(world.network.dials).toBe(1);
  });

  it('says that it is signed out when the session has ended', async () => {
    const world = new World();
    const connection = world.connect('ada');
    await world.settle();
    const waiting = failureOf(connection.findMatch('tic-tac-toe'));
    world.socket.closing('session_ended', 4504, { reconnect: false });
    await world.settle();
    expect((await waiting).code).toBe('signed_out');
  });

  it('grows its pauses while nothing answers, and none is longer than four seconds', async () => {
    const world = new World();
    const connection = world.connect('ada', { random: () => 0.999 });
    await world.settle();
    world.network.down = true;
    world.network.open[0]?.break();
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const state = connection.state.value;
      if (state.phase !== 'waiting') throw new Error(state.phase);
      pauses.push(state.retryAt - world.timers.now());
      await world.wait(pauses.at(-1) ?? 0);
    }
    expect(pauses).toEqual([249, 499, 999, 1998, 3996, 3996, 3996, 3996]);
  });

  it('gives up an attempt that the server leaves unanswered', async () => {
    const world = new World();
    const connection = world.connect('ada', { dial: () => ({ send() {}, close() {} }) });
    await world.wait(15_000);
    expect(connection.state.value).toMatchObject({ phase: 'waiting', error: { code: 'timed_out' } });
  });

  it('waits in the lobby under the same command id after a loss', async () => {
    const world = new World();
    const ada = world.connect('ada');
    const found = ada.findMatch('tic-tac-toe');
    await world.settle();
    const [asked] = world.socket.received;
    world.network.open[0]?.break();
    await world.wait(1_000);
    expect(world.socket.received).toMatchObject([{ method: 'lobby.find', params: asked?.params }]);
    world
      .connect('bob')
      .findMatch('tic-tac-toe')
      .catch(() => {});
    await world.settle();
    expect((await found).seat).toBe(0);
  });

  it('leaves the lobby when the wait is given up', async () => {
    const world = new World();
    const ada = world.connect('ada');
    const controller = new AbortController();
    const failed = failureOf(ada.findMatch('tic-tac-toe', { signal: controller.signal }));
    await world.settle();
    controller.abort();
    await world.settle();
    expect((await failed).code).toBe('aborted');
    expect(world.asked).toEqual(['lobby.find', 'lobby.cancel']);
  });
});

describe('a server that talks nonsense', () => {
  it.each([
    ['no JSON', 'hello'],
    ['a session without an end', '{"jsonrpc":"2.0","id":0,"result":{"name":"ada"}}'],
    ['nothing', ''],
  ])('is left and tried again: %s', async (_, text) => {
    const world = new World();
    const connection = world.connect('ada', {
      dial: ({ events }) => {
        queueMicrotask(() => {
          events.opened({ signedIn: true });
          events.message(text);
        });
        return { send() {}, close() {} };
      },
    });
    await world.settle();
    expect(connection.state.value).toMatchObject({ phase: 'waiting', error: { code: 'protocol' } });
  });

  it('fails the request whose answer makes no sense, and no other', async () => {
    const world = new World();
    const connection = world.connect('ada');
    await world.settle();
    const joining = failureOf(connection.joinMatch({ match: 'm_0000000000000009' }));
    world.socket.send({ id: 1, result: { match: 'm_0000000000000009', events: [{ seq: 'x' }] } });
    const listing = connection.listMatches({ filter: 'mine' });
    world.network.open[0]?.toServer.shift();
    await world.settle();
    expect((await joining).code).toBe('protocol');
    expect(await listing).toEqual({ matches: [] });
    expect(connection.state.value.phase).toBe('open');
  });
});

describe('commands', () => {
  it('are sent again under the same command id when the answer was lost, and happen once', async () => {
    const world = new World();
    const { x } = await twoPlayers(world);
    const moving = x.move(4);
    const [adaSocket] = world.network.open;
    adaSocket?.toServer.shift()?.();
    adaSocket?.break();
    await world.wait(1_000);
    const event = await moving;
    expect(event).toMatchObject({ type: 'moved', move: 4, seq: 5 });
    expect(world.server.log(x.id)).toHaveLength(5);
    expect(x.state.seq).toBe(5);
  });

  it('are tried again by themselves while the backend is away, and the connection says so', async () => {
    const world = new World();
    const { ada, x } = await twoPlayers(world);
    const told: string[] = [];
    ada.service.subscribe((service) => told.push(service));
    world.server.setAway(true);
    const moving = x.move(4);
    await world.settle();
    await world.wait(5_000);
    world.server.setAway(false);
    await world.wait(5_000);
    expect(await moving).toMatchObject({ type: 'moved', move: 4 });
    expect(told).toEqual(['away', 'up']);
  });

  it('fail when their patience ends, and a late answer is still taken in', async () => {
    const world = new World();
    const { x } = await twoPlayers(world);
    const moving = failureOf(x.move(4, { patienceMs: 1_000 }));
    await world.timers.advance(1_000);
    expect((await moving).code).toBe('timed_out');
    await world.settle();
    expect(x.state.seq).toBe(5);
  });

  it('fail with the reason when it is known that nothing has happened', async () => {
    const world = new World();
    const { x } = await twoPlayers(world);
    world.server.setAway(true);
    const moving = failureOf(x.move(4, { patienceMs: 5_000 }));
    for (let second = 0; second < 6; second++) await world.wait(1_000);
    expect((await moving).refusal?.code).toBe('backend_unavailable');
  });

  it('are refused with the code of the server, and nothing changes', async () => {
    const world = new World();
    const { o } = await twoPlayers(world);
    const refused = failureOf(o.move(4));
    await world.settle();
    expect((await refused).refusal).toMatchObject({ code: 'not_your_turn', requestId: 'r_1' });
    expect(o.state.seq).toBe(4);
  });

  it('go out again when only a draw offer came in between, as the position is the same', async () => {
    const world = new World();
    const { x, o } = await twoPlayers(world);
    const offering = o.offerDraw();
    world.network.open[1]?.toServer.shift()?.();
    const moving = x.move(4);
    await world.settle();
    await offering;
    expect(await moving).toMatchObject({ type: 'moved', seq: 6 });
  });

  it('do not go out again when the position has changed', async () => {
    const world = new World();
    const { x, o } = await twoPlayers(world);
    const resigning = o.resign();
    world.network.open[1]?.toServer.shift()?.();
    const moving = failureOf(x.move(4));
    await world.settle();
    await resigning;
    expect((await moving).refusal?.code).toBe('match_over');
  });

  it('keep within the window that the server allows', async () => {
    const world = new World();
    const connection = world.connect('ada');
    await world.settle();
    const lists = Array.from({ length: 40 }, () => connection.listMatches({ filter: 'mine' }));
    expect(world.network.open[0]?.toServer).toHaveLength(15);
    await world.settle();
    await Promise.all(lists);
  });
});

describe('a followed match', () => {
  it('asks for what is missing when a sequence is skipped', async () => {
    const world = new World();
    const { x, o } = await twoPlayers(world);
    const moving = x.move(0);
    await world.settle();
    await moving;
    // The notification to bob is replaced by one that is one ahead.
    const missed = world.server.log(x.id).at(-1);
    const socket = world.network.open[1]!.peer!;
    const behind = world.server.matches.get(x.id)!;
    behind.events.push(
      { ...missed!, seq: 6, type: 'drawOffered', seat: 0 },
      { ...missed!, seq: 7, type: 'drawDeclined', seat: 1 },
    );
    socket.notify('match.event', { ...behind.events.at(-1)! });
    await world.settle();
    expect(o.state.seq).toBe(7);
    expect(o.updates.entries.slice(1).map(({ state }) => state.seq)).toEqual([5, 6, 7]);
  });

  it('starts anew from a snapshot when its own story is ahead of the log', async () => {
    const world = new World();
    const { x } = await twoPlayers(world);
    const moving = x.move(0);
    await world.settle();
    await moving;
    world.server.matches.get(x.id)!.events.pop();
    world.network.open[0]?.break();
    await world.wait(1_000);
    expect(x.updates.entries.at(-1)).toMatchObject({ kind: 'snapshot', state: { seq: 4 } });
    expect(x.standing.value.phase).toBe('current');
  });

  it('is lost when the server no longer lets it be followed', async () => {
    const world = new World();
    const { x } = await twoPlayers(world);
    world.server.matches.delete(x.id);
    world.network.open[0]?.break();
    await world.wait(1_000);
    expect(x.standing.value).toMatchObject({ phase: 'lost', error: { refusal: { code: 'match_unknown' } } });
  });

  it('can be watched from its first event', async () => {
    const world = new World();
    const { x } = await twoPlayers(world);
    const watching = world.connect('eve').watchMatch({ match: x.id });
    await world.settle();
    const match = await watching;
    expect(match.seat).toBeNull();
    expect(match.updates.entries.map(({ state }) => state.seq)).toEqual([1, 2, 3, 4]);
  });

  it('leads to the next one when both offer a rematch, with the seats turned round', async () => {
    const world = new World();
    const { ada, x, o } = await twoPlayers(world);
    const resigning = x.resign();
    await world.settle();
    await resigning;
    const offers = [x.offerRematch(), o.offerRematch()];
    await world.settle();
    await Promise.all(offers);
    expect(x.state.next).toBe(o.state.next);
    const joining = ada.joinMatch({ match: x.state.next! });
    await world.settle();
    expect((await joining).seat).toBe(1);
  });

  it('ends its iterators when the connection is closed', async () => {
    const world = new World();
    const { ada, x } = await twoPlayers(world);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { state } of x.updates) seen.push(state.seq);
    })();
    ada.close();
    await reading;
    expect(seen).toEqual([4]);
    expect((await failureOf(x.move(1))).code).toBe('closed');
  });
});

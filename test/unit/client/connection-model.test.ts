import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Connection } from '../../../src/client/connection.ts';
import type { Match } from '../../../src/client/match.ts';
import type { MatchEvent } from '../../../src/protocol/player-messages.ts';
import { FakePlayServer } from '../../support/cli-fake-play-server.ts';
import { ManualTimers, settled } from '../../support/cli-manual-timers.ts';
import { FakeTokens, MemoryNetwork } from '../../support/cli-memory-network.ts';

/** What may happen next in the world. `choice` picks a queue or a socket. */
type Happening =
  | { kind: 'deliver'; choice: number }
  | { kind: 'break'; choice: number }
  | { kind: 'time'; ms: number }
  | { kind: 'backend'; away: boolean }
  | { kind: 'restart' };

const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('deliver' as const), choice: fc.nat(7) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('break' as const), choice: fc.nat(7) }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('backend' as const), away: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  ),
  { minLength: 20, maxLength: 250 },
);

const tallyLength = 12;

describe('a connection under random losses', () => {
  it('shows every event once and in order, and makes every command happen once', async () => {
    await fc.assert(
      fc.asyncProperty(
        happenings,
        fc.boolean(),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        playThrough,
      ),
      { numRuns: 150 },
    );
  }, 60_000);
});

async function playThrough(
  script: Happening[],
  tokenInUpgrade: boolean,
  randoms: Iterable<number>,
): Promise<void> {
  const server = new FakePlayServer({ tallyLength });
  const network = new MemoryNetwork(server);
  const timers = new ManualTimers();
  const random = randomFrom(randoms);
  const connect = (name: string) =>
    new Connection({
      url: 'wss://test/play',
      tokens: new FakeTokens(server, name),
      dial: network.dial({ tokenInUpgrade }),
      timers,
      random,
    });
  const players = ['ada', 'bob'].map((name) => new ScriptedPlayer(connect(name)));
  const watcher = connect('eve');
  const playing = Promise.all(players.map((player) => player.play()));
  let watched: Match | undefined;
  // The promise may fail only when the test itself is broken; then the comparison below fails, too.
  const watching = players[0]!.entered.then(async ({ id }) => {
    watched = await watcher.watchMatch({ match: id });
  });

  for (const happening of script) await happen(happening, { server, network, timers });
  server.setAway(false);
  for (let round = 0; round < 400 && watched?.state.status !== 'over'; round++) {
    await network.deliverAll();
    await timers.advance(Math.min(timers.nextIn ?? 1, 20_000));
  }
  await network.deliverAll();
  expect(watched?.state.status).toBe('over');
  await playing;
  await watching;

  const log = server.log(watched!.id);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  for (const match of [...players.map(({ match }) => match!), watched!]) {
    const seen = eventsOf(match);
    const firstSeq = seen[0]?.seq ?? log.length + 1;
    expect(seen).toEqual(log.slice(firstSeq - 1));
    expect(match.state.seq).toBe(log.length);
  }
  expect(eventsOf(watched!)).toEqual(log);
  const moved = log.filter(({ type }) => type === 'moved');
  expect(moved).toHaveLength(tallyLength);
  expect(new Set(moved.map(({ commandId }) => commandId)).size).toBe(tallyLength);
  const answered = players.flatMap(({ answers }) => answers).sort((a, b) => a.seq - b.seq);
  expect(answered).toEqual(moved);

  for (const connection of [...players.map(({ connection }) => connection), watcher]) connection.close();
  await settled();
  expect(timers.pending).toBe(0);
}

/** Plays a tally: whenever it is its turn, it adds the next number. */
class ScriptedPlayer {
  readonly connection: Connection;
  readonly answers: MatchEvent[] = [];
  match: Match | undefined;
  readonly #entered = Promise.withResolvers<Match>();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  get entered(): Promise<Match> {
    return this.#entered.promise;
  }

  async play(): Promise<void> {
    const match = await this.connection.findMatch('tally');
    this.match = match;
    this.#entered.resolve(match);
    for await (const { state } of match.updates) {
      if (state !== match.state) continue;
      if (state.status === 'over') return;
      if (state.turn === match.seat) this.answers.push(await match.move(state.seq));
    }
  }
}

async function happen(
  happening: Happening,
  { server, network, timers }: { server: FakePlayServer; network: MemoryNetwork; timers: ManualTimers },
): Promise<void> {
  switch (happening.kind) {
    case 'deliver':
      network.deliver(happening.choice);
      break;
    case 'break': {
      const { open } = network;
      open[happening.choice % Math.max(1, open.length)]?.break();
      break;
    }
    case 'time':
      await timers.advance(happening.ms);
      break;
    case 'backend':
      server.setAway(happening.away);
      break;
    case 'restart':
      for (const socket of [...server.sockets])
        socket.closing('restarting', 4000, { reconnect: true, retryAfterMs: 50 });
      break;
  }
  await settled();
}

function eventsOf(match: Match): MatchEvent[] {
  return match.updates.entries.flatMap((entry) => (entry.kind === 'event' ? [entry.event] : []));
}

function randomFrom(randoms: Iterable<number>): () => number {
  const iterator = randoms[Symbol.iterator]();
  return () => iterator.next().value ?? 0.5;
}

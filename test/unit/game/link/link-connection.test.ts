import { duplexPair } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LinkConnection } from '../../../../src/game/link/link-connection.ts';
import type { LinkLimits } from '../../../../src/game/link/link-limits.ts';
import { Lobby } from '../../../../src/game/lobby.ts';
import { LobbyNews } from '../../../../src/game/lobby-news.ts';
import { MatchLists } from '../../../../src/game/log/match-lists.ts';
import { soleOwner } from '../../../../src/game/membership/ownership.ts';
import { noTracer, type Trace, type Tracer } from '../../../../src/process/traces/tracer.ts';
import {
  type Frame,
  FrameReader,
  type FrameType,
  FrameWriter,
  frameTypes,
} from '../../../../src/protocol/frame.ts';
import { linkMethods } from '../../../../src/protocol/link-messages.ts';
import {
  ada,
  ben,
  cause,
  type MemoryBackend,
  memoryBackend,
  startedMatch,
} from '../../../support/game-fixtures.ts';

const names = new Map(
  Object.entries(frameTypes).map(([name, number]) => [number as number, name as FrameType]),
);

interface Said {
  type: string;
  flags: number;
  channel: number;
  tag: number;
  text: string;
}

/** One connection with a proxy's end in the test's hands, and a clock of the test's own. */
class Bench {
  readonly said: Said[] = [];
  readonly chunks: number[] = [];
  readonly reasons: string[] = [];
  readonly failures: unknown[] = [];
  readonly connection: LinkConnection;
  readonly socket;
  readonly #far;
  readonly #reader = new FrameReader();
  now = 0;

  constructor(backend: MemoryBackend, limits: Partial<LinkLimits> = {}, tracer: Tracer = noTracer) {
    const [near, far] = duplexPair();
    this.socket = near;
    this.#far = far;
    far.on('data', (chunk: Uint8Array) => {
      this.chunks.push(chunk.length);
      for (const frame of this.#reader.push(chunk)) this.said.push(read(frame));
    });
    this.connection = new LinkConnection({
      socket: near,
      instance: 'test',
      limits,
      now: () => this.now,
      services: {
        matches: backend.matches,
        lobby: new Lobby({ matches: backend.matches }),
        lists: new MatchLists({ db: backend.store.db, games: backend.matches.games }),
        news: new LobbyNews(),
        ownership: soleOwner,
        tracer,
      },
      watcher: {
        closed: (reason) => this.reasons.push(reason),
        failed: (error) => this.failures.push(error),
      },
    });
  }

  /** Sends all frames in one chunk. */
  send(
    ...frames: [type: FrameType | number, fields?: Partial<Omit<Frame, 'payload'>> & { payload?: unknown }][]
  ): this {
    const writer = new FrameWriter();
    for (const [type, { payload = '', channel = 0, tag = 0, flags = 0 } = {}] of frames) {
      const bytes =
        typeof payload === 'string' || payload instanceof Uint8Array ? payload : JSON.stringify(payload);
      writer.push({ type: typeof type === 'number' ? type : frameTypes[type], flags, channel, tag }, bytes);
    }
    this.#far.write(writer.take());
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#far.write(bytes);
    return this;
  }

  greet(): this {
    return this.send(['hello', { payload: { version: 1, role: 'proxy', instance: 'x' } }]);
  }

  open(channel: number, player: string): this {
    return this.send(['openChannel', { channel, payload: player }]);
  }

  /** Everything that this and the following turns of the event loop bring. */
  async settle(): Promise<this> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    return this;
  }

  of(type: FrameType): Said[] {
    return this.said.filter((frame) => frame.type === type);
  }

  stopReading(): void {
    this.#far.pause();
  }

  readAgain(): void {
    this.#far.resume();
  }
}

function read({ type, flags, channel, tag, payload }: Frame): Said {
  const name = names.get(type) ?? String(type);
  const text = new TextDecoder().decode(name === 'event' ? payload.subarray(4) : payload);
  return { type: name, flags, channel, tag, text };
}

const listRequest = (tag: number, channel = 1) =>
  [
    'request',
    { channel, tag, flags: linkMethods['match.list'], payload: { filter: 'mine', limit: 1 } },
  ] as const;

let backend: MemoryBackend;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
  backend = await memoryBackend();
});
afterEach(async () => {
  vi.useRealTimers();
  await backend.close();
});

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** Writes down what is traced: `resume`, then each step. */
function writtenDown() {
  const steps: string[] = [];
  const trace: Trace = {
    traceparent: '',
    name: (method) => steps.push(`name ${method}`),
    describe: () => {},
    stage: (name) => steps.push(`stage ${name}`),
    end: (refusal) => steps.push(refusal === undefined ? 'end' : `end ${refusal}`),
  };
  const resume = (from: string, stage: string) => {
    steps.push(`resume ${from} ${stage}`);
    return trace;
  };
  return { steps, tracer: { begin: () => undefined, resume } satisfies Tracer };
}

describe('a connection of the link', () => {
  it('goes on with the trace of a request, up to its answer', async () => {
    const { steps, tracer } = writtenDown();
    const bench = new Bench(backend, {}, tracer).greet().open(1, ada);
    bench.send(['trace', { channel: 1, tag: 7, payload: traceparent }], [...listRequest(7)]);
    await bench.settle();
    expect(bench.of('reply')).toHaveLength(1);
    expect(steps).toEqual([`resume ${traceparent} queue`, 'name match.list', 'end']);
  });

  it.each<[string, Parameters<Bench['send']>]>([
    ['another request’s', [['trace', { channel: 1, tag: 8, payload: traceparent }], [...listRequest(7)]]],
    [
      'one that is too long',
      [['trace', { channel: 1, tag: 7, payload: `${traceparent}-` }], [...listRequest(7)]],
    ],
    [
      'one of before',
      [['trace', { channel: 1, tag: 7, payload: traceparent }], [...listRequest(6)], [...listRequest(7)]],
    ],
  ])('takes a trace frame for nothing that is %s, and answers', async (_, frames) => {
    const { steps, tracer } = writtenDown();
    const bench = await new Bench(backend, {}, tracer)
      .greet()
      .open(1, ada)
      .send(...frames)
      .settle();
    expect(bench.of('reply')).toHaveLength(frames.length - 1);
    expect(steps).toEqual([]);
  });

  it('greets with its version, bounds and games', async () => {
    const bench = await new Bench(backend).settle();
    expect(bench.of('hello').map(({ text }) => JSON.parse(text))).toMatchObject([
      {
        version: 1,
        role: 'backend',
        instance: 'test',
        maxInFlight: 4096,
        games: [{ game: 'tic-tac-toe', seats: 2 }],
      },
    ]);
  });

  it.each<[string, (bench: Bench) => unknown]>([
    ['a first frame that is no hello', (bench) => bench.send(['ping'])],
    [
      'a hello of another version',
      (bench) => bench.send(['hello', { payload: { version: 2, role: 'proxy', instance: 'x' } }]),
    ],
    [
      'a hello of another role',
      (bench) => bench.send(['hello', { payload: { version: 1, role: 'backend', instance: 'x' } }]),
    ],
    ['a hello that is not JSON', (bench) => bench.send(['hello', { payload: 'hello' }])],
    ['a second hello', (bench) => bench.greet().greet()],
    ['a frame too large', (bench) => bench.greet().raw(Uint8Array.of(0xff, 0xff, 0xff, 0xff))],
    ['a frame too small', (bench) => bench.greet().raw(Uint8Array.of(0, 0, 0, 9))],
    ['an unknown type below 128', (bench) => bench.greet().send([127])],
    ['a frame that only a backend sends', (bench) => bench.greet().send(['reply'])],
    ['channel 0', (bench) => bench.greet().open(0, ada)],
    ['a channel that is open', (bench) => bench.greet().open(1, ada).open(1, ben)],
    ['a channel for no pseudonym', (bench) => bench.greet().open(1, 'p_AAAAAAAAAAAAAAAAAAAAAA')],
    [
      'bytes that are not UTF-8',
      (bench) => bench.greet().send(['openChannel', { channel: 1, payload: Uint8Array.of(0xff) }]),
    ],
    [
      'the end of a channel that is not open',
      (bench) => bench.greet().send(['closeChannel', { channel: 1 }]),
    ],
    ['a request on a channel that is not open', (bench) => bench.greet().send([...listRequest(1)])],
    [
      'a request of its own for a player’s method',
      (bench) =>
        bench
          .greet()
          .send([
            'request',
            { tag: 1, flags: linkMethods['match.get'], payload: { match: 'm_AAAAAAAAAAAAAAAA' } },
          ]),
    ],
    [
      'request number 0',
      (bench) =>
        bench
          .greet()
          .open(1, ada)
          .send([...listRequest(0)]),
    ],
    [
      'a request number in use',
      (bench) =>
        bench
          .greet()
          .open(1, ada)
          .send([...listRequest(7)], [...listRequest(7)]),
    ],
    [
      'parameters that are not JSON',
      (bench) =>
        bench
          .greet()
          .open(1, ada)
          .send(['request', { channel: 1, tag: 1, flags: 12, payload: '{' }]),
    ],
    [
      'parameters with a forbidden name',
      (bench) =>
        bench
          .greet()
          .open(1, ada)
          .send(['request', { channel: 1, tag: 1, flags: 12, payload: '{"__proto__":1}' }]),
    ],
    [
      'parameters nested too deep',
      (bench) =>
        bench
          .greet()
          .open(1, ada)
          .send(['request', { channel: 1, tag: 1, flags: 12, payload: '['.repeat(30_000) }]),
    ],
    [
      'a request too large',
      (bench) =>
        bench
          .greet()
          .open(1, ada)
          .send(['request', { channel: 1, tag: 1, flags: 12, payload: `"${'x'.repeat(70_000)}"` }]),
    ],
    [
      'subscription 0',
      (bench) =>
        bench
          .greet()
          .send(['subscribe', { payload: { match: 'm_AAAAAAAAAAAAAAAA', audience: 'all', after: 0 } }]),
    ],
    [
      'an ill-formed subscription',
      (bench) =>
        bench.greet().send(['subscribe', { tag: 1, payload: { match: 'x', audience: 'all', after: 0 } }]),
    ],
  ])('ends on %s, with go-away protocol_error', async (_, breach) => {
    const bench = new Bench(backend);
    breach(bench);
    await bench.settle();
    expect(bench.of('goAway').map(({ text }) => JSON.parse(text))).toMatchObject([
      { reason: 'protocol_error' },
    ]);
    expect(bench.reasons).toHaveLength(1);
    expect(bench.failures).toEqual([]);
    await bench.connection.ended;
  });

  it('keeps to its bounds for channels, subscriptions and requests', async () => {
    const limits = { channels: 1, subscriptions: 1, inFlight: 1 };
    const subscribe = (tag: number) =>
      ['subscribe', { tag, payload: { match: 'm_AAAAAAAAAAAAAAAA', audience: 'all', after: 0 } }] as const;
    const tooMuch: ((bench: Bench) => unknown)[] = [
      (bench) => bench.open(1, ada).open(2, ada),
      (bench) => bench.send([...subscribe(1)], [...subscribe(2)]),
      (bench) => bench.open(1, ada).send([...listRequest(1)], [...listRequest(2)]),
    ];
    for (const breach of tooMuch) {
      const bench = new Bench(backend, limits).greet();
      breach(bench);
      await bench.settle();
      expect(bench.of('goAway')).toHaveLength(1);
    }
  });

  it('ignores an unknown frame from 128 up, and answers a ping', async () => {
    const bench = await new Bench(backend)
      .greet()
      .send([200], ['ping', { tag: 77 }])
      .settle();
    expect(bench.of('pong')).toMatchObject([{ tag: 77 }]);
    expect(bench.reasons).toEqual([]);
  });

  it('refuses what a player could have caused to that player alone', async () => {
    const bench = new Bench(backend).greet().open(1, ada);
    bench.send(['request', { channel: 1, tag: 1, flags: 99, payload: {} }]);
    bench.send(['request', { channel: 1, tag: 2, flags: 12, payload: { filter: 'all' } }]);
    bench.send([
      'request',
      { channel: 1, tag: 3, flags: linkMethods['match.join'], payload: { commandId: 'command-x' } },
    ]);
    await bench.settle();
    const refusals = bench
      .of('refusal')
      .map(({ tag, text }) => [tag, (JSON.parse(text) as { code: string }).code]);
    expect(refusals).toEqual([
      [1, 'method_unknown'],
      [2, 'params_invalid'],
      [3, 'params_invalid'],
    ]);
    expect(bench.reasons).toEqual([]);
  });

  it('sends all frames of one turn in one write', async () => {
    const bench = await new Bench(backend).greet().settle();
    bench.chunks.length = 0;
    bench.send(['ping', { tag: 1 }], ['ping', { tag: 2 }], ['ping', { tag: 3 }]);
    await bench.settle();
    expect(bench.of('pong')).toHaveLength(3);
    expect(bench.chunks).toHaveLength(1);
  });

  it('lets the event be the answer where the connection follows the match, and replies where it does not', async () => {
    const match = await startedMatch(backend.matches);
    const [follows, asks] = [
      new Bench(backend).greet().open(1, ada),
      new Bench(backend).greet().open(9, ben),
    ];
    follows.send(['subscribe', { tag: 5, payload: { match, audience: 'all', after: 0 } }]);
    await follows.settle();
    expect(follows.of('event').map(({ tag, channel }) => [tag, channel])).toEqual([
      [5, 0],
      [5, 0],
      [5, 0],
      [5, 0],
    ]);
    expect(follows.of('subscribed').map(({ text }) => JSON.parse(text))).toEqual([{ head: 4 }]);
    const move = (seq: number, square: number) => ({
      match,
      seq,
      commandId: `command-of-${seq}`,
      move: square,
    });
    follows.send(['request', { channel: 1, tag: 31, flags: linkMethods['match.move'], payload: move(5, 4) }]);
    await follows.settle();
    asks.send(['request', { channel: 9, tag: 32, flags: linkMethods['match.move'], payload: move(6, 0) }]);
    await asks.settle();
    expect(
      follows
        .of('event')
        .slice(4)
        .map(({ channel }) => channel),
    ).toEqual([31, 0]);
    expect(follows.of('reply')).toEqual([]);
    expect(asks.of('reply')).toMatchObject([{ channel: 9, tag: 32, flags: 0 }]);
    // Sent again, the same event comes as a reply, and byte for byte the same.
    follows.send(['request', { channel: 1, tag: 33, flags: linkMethods['match.move'], payload: move(5, 4) }]);
    await follows.settle();
    expect(follows.of('reply').map(({ text }) => text)).toEqual([follows.of('event')[4]!.text]);
  });

  it('flags the frames that name players, and only those', async () => {
    const match = await startedMatch(backend.matches);
    const bench = new Bench(backend).greet().open(1, ada);
    bench.send(['subscribe', { tag: 5, payload: { match, audience: 'all', after: 0 } }]);
    bench.send(['request', { channel: 1, tag: 1, flags: linkMethods['match.get'], payload: { match } }]);
    bench.send([
      'request',
      {
        channel: 1,
        tag: 2,
        flags: linkMethods['lobby.find'],
        payload: { game: 'tic-tac-toe', commandId: 'command-y' },
      },
    ]);
    await bench.settle();
    for (const { type, flags, text } of bench.said) {
      if (type === 'presence' || type === 'hello') continue;
      expect([type, flags & 1]).toEqual([type, text.includes('"y_') ? 1 : 0]);
    }
  });

  it('drops the answers of a closed channel, and lets the event go on', async () => {
    const match = await startedMatch(backend.matches);
    const bench = new Bench(backend).greet().open(1, ada);
    bench.send(['subscribe', { tag: 5, payload: { match, audience: 'all', after: 4 } }]);
    await bench.settle();
    bench.send(
      [
        'request',
        {
          channel: 1,
          tag: 1,
          flags: linkMethods['match.move'],
          payload: { match, seq: 5, commandId: 'command-z', move: 4 },
        },
      ],
      [...listRequest(2)],
      ['closeChannel', { channel: 1 }],
    );
    await bench.settle();
    expect(bench.of('event')).toMatchObject([{ tag: 5, channel: 0 }]);
    expect(bench.of('reply')).toEqual([]);
    expect(bench.of('presence').map(({ text }) => (JSON.parse(text) as { online: number[] }).online)).toEqual(
      [[0], []],
    );
  });

  it('answers an unknown match, and an audience that the game has not, with head 0', async () => {
    const match = await startedMatch(backend.matches);
    const bench = new Bench(backend).greet();
    bench.send([
      'subscribe',
      { tag: 1, payload: { match: 'm_AAAAAAAAAAAAAAAA', audience: 'all', after: 0 } },
    ]);
    bench.send(['subscribe', { tag: 2, payload: { match, audience: 'seat:0', after: 0 } }]);
    await bench.settle();
    expect(bench.of('subscribed').map(({ text }) => JSON.parse(text))).toEqual([{ head: 0 }, { head: 0 }]);
    expect(bench.of('event')).toEqual([]);
  });

  it('stops the events of a subscription that ended, also while it is being made', async () => {
    const match = await startedMatch(backend.matches);
    const bench = new Bench(backend).greet().open(1, ada);
    bench.send(
      ['subscribe', { tag: 1, payload: { match, audience: 'all', after: 0 } }],
      ['unsubscribe', { tag: 1 }],
    );
    await bench.settle();
    await backend.matches.obey(match, { type: 'resign', cause: cause(ada) });
    await bench.settle();
    expect(bench.of('event')).toEqual([]);
    expect(bench.of('subscribed')).toEqual([]);
  });

  it('says gap, and sends none, where more events were missed than one resume gives', async () => {
    const match = await startedMatch(backend.matches);
    const { live, release } = await backend.matches.hold(match);
    expect(live?.eventsAfter(0, 'all', 3)).toBeUndefined();
    expect(live?.eventsAfter(1, 'all', 3)).toHaveLength(3);
    release();
  });

  it('answers match.events on channel 0', async () => {
    const match = await startedMatch(backend.matches);
    const bench = new Bench(backend).greet();
    const ask = (tag: number, payload: object) =>
      bench.send(['request', { tag, flags: linkMethods['match.events'], payload }]);
    ask(1, { match, audience: 'all', after: 1, limit: 2 });
    ask(2, { match: 'm_AAAAAAAAAAAAAAAA', audience: 'all', after: 1, limit: 2 });
    await bench.settle();
    expect(bench.of('reply').map(({ text }) => JSON.parse(text))).toMatchObject([
      { head: 4, events: [{ seq: 2 }, { seq: 3 }] },
    ]);
    expect(bench.of('refusal').map(({ text }) => JSON.parse(text))).toMatchObject([
      { code: 'match_unknown' },
    ]);
  });

  it('answers match.list on channel 0 of what everybody sees, with nobody’s seat as one’s own', async () => {
    const match = await startedMatch(backend.matches);
    const bench = new Bench(backend).greet();
    const ask = (tag: number, filter: string) =>
      bench.send(['request', { tag, flags: linkMethods['match.list'], payload: { filter, limit: 5 } }]);
    ask(1, 'live');
    ask(2, 'mine');
    await bench.settle();
    const [{ text = '' } = {}] = bench.of('reply');
    const { matches } = JSON.parse(text) as { matches: { match: string; seat: number | null }[] };
    expect(matches.find((each) => each.match === match)?.seat ?? null).toBeNull();
    expect(bench.of('refusal').map((each) => JSON.parse(each.text))).toMatchObject([
      { code: 'params_invalid' },
    ]);
  });

  describe('liveness', () => {
    it('pings, and ends a peer that has been silent', async () => {
      const bench = await new Bench(backend).greet().settle();
      for (const now of [2_000, 4_000]) {
        bench.now = now;
        vi.advanceTimersByTime(2_000);
      }
      await bench.settle();
      expect(bench.of('ping')).toHaveLength(2);
      bench.send(['pong', { tag: 1 }]);
      await bench.settle();
      bench.now = 8_000;
      vi.advanceTimersByTime(2_000);
      expect(bench.reasons).toEqual([]);
      bench.now = 10_000;
      vi.advanceTimersByTime(2_000);
      expect(bench.reasons).toEqual(['the proxy fell silent']);
    });

    it('ends a peer that does not greet', () => {
      const bench = new Bench(backend);
      bench.now = 6_000;
      vi.advanceTimersByTime(2_000);
      expect(bench.reasons).toEqual(['no hello came']);
    });

    it('counts its channels as gone when it ends', async () => {
      const bench = await new Bench(backend).greet().open(1, ada).settle();
      expect(backend.matches.presence.isOnline(ada)).toBe(true);
      bench.connection.close('test');
      expect(backend.matches.presence.isOnline(ada)).toBe(false);
    });
  });

  describe('go-away', () => {
    it('answers what crossed it, then ends', async () => {
      const bench = await new Bench(backend).greet().open(1, ada).settle();
      bench.connection.goAway('draining', 'bye');
      bench.send([...listRequest(1)]);
      await bench.settle();
      expect(bench.of('goAway').map(({ text }) => JSON.parse(text))).toEqual([
        { reason: 'draining', text: 'bye' },
      ]);
      expect(bench.of('reply')).toHaveLength(1);
      expect(bench.reasons).toEqual([]);
      vi.advanceTimersByTime(500);
      expect(bench.reasons).toEqual(['it went away']);
    });
  });

  describe('back-pressure', () => {
    const limits = { pauseBytes: 32 * 1024, waitingBytes: 256 * 1024 };

    it('stops reading in the middle of a chunk while too much waits to be written, and goes on later', async () => {
      const match = await startedMatch(backend.matches);
      const bench = await new Bench(backend, limits).greet().open(1, ada).settle();
      bench.stopReading();
      const get = (tag: number) =>
        ['request', { channel: 1, tag, flags: linkMethods['match.get'], payload: { match } }] as const;
      const many = Array.from({ length: 2_000 }, (_, index) => [...get(index + 1)] as const);
      bench.send(...(many as unknown as Parameters<Bench['send']>));
      await bench.settle();
      expect(bench.reasons).toEqual([]);
      expect(bench.of('reply').length).toBeLessThan(2_000);
      bench.readAgain();
      for (let round = 0; round < 200 && bench.of('reply').length < 2_000; round += 1) await bench.settle();
      expect(bench.of('reply')).toHaveLength(2_000);
      expect(bench.reasons).toEqual([]);
    });

    it('lets no more wait than it may, whatever is asked by a peer that does not read', async () => {
      const bench = await new Bench(backend, { ...limits, waitingBytes: 40 * 1024 })
        .greet()
        .open(1, ada)
        .settle();
      bench.stopReading();
      // Nothing holds back a pong, but that there is room for it.
      bench.send(...(Array.from({ length: 4_000 }, () => ['ping']) as unknown as Parameters<Bench['send']>));
      await bench.settle();
      expect(bench.reasons).toEqual([]);
      const match = await startedMatch(backend.matches);
      const get = (tag: number) =>
        ['request', { channel: 1, tag, flags: linkMethods['match.get'], payload: { match } }] as const;
      for (let tag = 1; tag <= 200; tag += 1) bench.send([...get(tag)] as Parameters<Bench['send']>[0]);
      await bench.settle();
      expect(bench.of('reply').length).toBeLessThan(200);
    });
  });
});

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { MatchId, Pseudonym } from '../../../../src/protocol/ids.ts';
import type { LinkSnapshot } from '../../../../src/protocol/link-messages.ts';
import { DisplayNames } from '../../../../src/proxy/feeds/display-names.ts';
import { Feed, type FeedHistory, type Follower } from '../../../../src/proxy/feeds/feed.ts';
import { type FeedEvent, feedEvent } from '../../../../src/proxy/feeds/feed-event.ts';
import type { Asker } from '../../../../src/proxy/link/link.ts';

const match = 'm_0123456789abcdef' as MatchId;
const nobody = new DisplayNames({ nameOf: async () => undefined });
const noHistory: FeedHistory = { page: async () => undefined };

/** A socket that keeps what it is given, and notices anything out of order. */
class Reader implements Follower {
  position = 0;
  readonly seqs: number[] = [];
  readonly presences: unknown[] = [];
  isBroken = false;
  take(event: FeedEvent): void {
    this.seqs.push(event.seq);
  }
  presence(text: string): void {
    this.presences.push(JSON.parse(text).params);
  }
  broken(): void {
    this.isBroken = true;
  }
}

function makeFeed(options: Partial<ConstructorParameters<typeof Feed>[0]> = {}): Feed {
  return new Feed({
    match,
    audience: 'all',
    after: 0,
    history: noHistory,
    names: nobody,
    onBroken() {},
    ...options,
  });
}

const shown = (seq: number, turn: number) => ({ seq, turn }) as LinkSnapshot;

function plain(feed: Feed, seq: number, asker?: Asker): void {
  feed.event(seq, Buffer.from(`{"seq":${seq}}`), { namesPlayers: false, asker });
}

async function join(
  feed: Feed,
  { after = 0, atLeast = 0 } = {},
): Promise<{ reader: Reader; first: number[] | string }> {
  const reader = new Reader();
  let first: number[] | string = 'nothing';
  await feed.join({
    follower: reader,
    after,
    atLeast,
    answer: (events) => {
      first = events.map(({ seq }) => seq);
    },
    failed: (why) => {
      first = why;
    },
    isGone: () => false,
  });
  return { reader, first };
}

describe('Feed', () => {
  it('encodes an event once, and gives the same bytes to all', async () => {
    const feed = makeFeed();
    const given: FeedEvent[] = [];
    for (let count = 0; count < 3; count += 1) {
      const { reader } = await join(feed);
      reader.take = (event) => void given.push(event);
    }
    plain(feed, 1);
    expect(given).toHaveLength(3);
    expect(new Set(given).size).toBe(1);
    expect(given[0]?.notification.payload.toString()).toBe(
      '{"jsonrpc":"2.0","method":"match.event","params":{"seq":1}}',
    );
    expect(given[0]?.body.toString()).toBe('{"seq":1}');
  });

  it('answers whoever asked, when none of its followers did', () => {
    const feed = makeFeed();
    const replied = vi.fn();
    plain(feed, 1, { replied, refused() {} });
    expect(replied).toHaveBeenCalledExactlyOnceWith({ text: '{"seq":1}', namesPlayers: false });
  });

  it('holds back what comes after an event that waits for a name', async () => {
    const name = Promise.withResolvers<{ name: string }>();
    const feed = makeFeed({ names: new DisplayNames({ nameOf: () => name.promise }) });
    const { reader } = await join(feed);
    const bodies: string[] = [];
    reader.take = ({ body }) => void bodies.push(body.toString());
    const joined = { seq: 1, type: 'joined', seat: 0, player: `y_${'B'.repeat(22)}` };
    feed.event(1, Buffer.from(JSON.stringify(joined)), { namesPlayers: true, asker: undefined });
    plain(feed, 2);
    expect(bodies).toEqual([]);
    name.resolve({ name: 'ada' });
    await vi.waitUntil(() => bodies.length === 2);
    expect(JSON.parse(bodies[0] ?? '')).toEqual({ seq: 1, type: 'joined', seat: 0, name: 'ada' });
    expect(bodies[1]).toBe('{"seq":2}');
  });

  it('gives a joiner the events since, waits for those that must be there, and reads far ones from the backend', async () => {
    const page = vi.fn(async (after: number) =>
      [1, 2, 3].filter((seq) => seq > after).map((seq) => feedEvent(seq, '{}')),
    );
    const feed = makeFeed({ after: 3, history: { page } });
    plain(feed, 4);
    const joining = join(feed, { after: 1, atLeast: 5 });
    await vi.waitUntil(() => page.mock.calls.length === 1);
    plain(feed, 5);
    const { reader, first } = await joining;
    expect(first).toEqual([2, 3, 4, 5]);
    plain(feed, 6);
    expect(reader.seqs).toEqual([6]);
  });

  it('does not give a whole log in one answer', async () => {
    const feed = makeFeed();
    const large = Buffer.from(JSON.stringify('x'.repeat(100_000)));
    const { reader } = await join(feed);
    for (let seq = 1; seq <= 3; seq += 1) feed.event(seq, large, { namesPlayers: false, asker: undefined });
    expect(reader.seqs).toEqual([1, 2, 3]);
    const history = { page: async (after: number) => [feedEvent(after + 1, large)] };
    const long = makeFeed({ after: 8, history });
    expect((await join(long, { after: 1 })).first).toBe('too_many');
  });

  it('breaks rather than give a second version of the story', async () => {
    const onBroken = vi.fn();
    const feed = makeFeed({ onBroken });
    const { reader } = await join(feed);
    plain(feed, 1);
    plain(feed, 2);
    feed.subscribed({ head: 1 });
    expect(reader.isBroken).toBe(true);
    expect(onBroken).toHaveBeenCalledOnce();
    expect((await join(feed)).first).toBe('unavailable');
  });

  describe('refuses, once and as worth another try, whoever asked for an event that it drops', () => {
    const asker = () => ({ replied: vi.fn(), refused: vi.fn() });
    const refusal = expect.objectContaining({
      code: 'backend_unavailable',
      retryAfterMs: expect.any(Number),
    });
    const named = Buffer.from(
      JSON.stringify({ seq: 1, type: 'joined', seat: 0, player: `y_${'B'.repeat(22)}` }),
    );
    const settle = () => new Promise((resolve) => setImmediate(resolve));

    it('because the link was renewed while it waited behind a gap', async () => {
      const page = Promise.withResolvers<undefined>();
      const feed = makeFeed({ history: { page: () => page.promise } });
      const ask = asker();
      plain(feed, 2, ask);
      feed.after();
      expect(ask.refused).toHaveBeenCalledExactlyOnceWith(refusal, false);
      plain(feed, 1);
      plain(feed, 2);
      page.resolve(undefined);
      await settle();
      expect(feed.head).toBe(2);
      expect(ask.refused).toHaveBeenCalledOnce();
      expect(ask.replied).not.toHaveBeenCalled();
    });

    it('because the feed broke while it waited behind a gap, or had broken before', () => {
      const feed = makeFeed({ after: 1, history: { page: () => new Promise(() => {}) } });
      const [before, after] = [asker(), asker()];
      plain(feed, 3, before);
      feed.subscribed({ head: 0 });
      plain(feed, 2, after);
      for (const { refused } of [before, after]) {
        expect(refused).toHaveBeenCalledExactlyOnceWith(refusal, false);
      }
    });

    it.each(['breaks', 'ends'] as const)('because the feed %s while it waited for a name', async (how) => {
      const name = Promise.withResolvers<{ name: string }>();
      const feed = makeFeed({ names: new DisplayNames({ nameOf: () => name.promise }) });
      const asks = [asker(), asker()];
      feed.event(1, named, { namesPlayers: true, asker: asks[0] });
      plain(feed, 2, asks[1]);
      if (how === 'breaks') feed.subscribed({ head: 0 });
      else feed.end();
      name.resolve({ name: 'ada' });
      await settle();
      for (const { replied, refused } of asks) {
        expect(refused).toHaveBeenCalledExactlyOnceWith(refusal, false);
        expect(replied).not.toHaveBeenCalled();
      }
    });

    it('because it cannot be read, and then takes it anew', () => {
      const feed = makeFeed();
      const ask = asker();
      const bad = () => feed.event(1, Buffer.from('{'), { namesPlayers: true, asker: ask });
      expect(bad).toThrow(expect.objectContaining({ code: 'protocol_error' }));
      expect(ask.refused).toHaveBeenCalledExactlyOnceWith(refusal, false);
      expect(feed.after()).toBe(0);
      plain(feed, 1);
      expect(feed.head).toBe(1);
    });
  });

  it('says away and up, once each, and who is online as the backend says it', async () => {
    const feed = makeFeed();
    const { reader } = await join(feed);
    feed.presence({ match, online: [0] });
    feed.away();
    feed.presence({ match, online: [0, 1] });
    feed.subscribed({ head: 0 });
    expect(reader.presences).toEqual([
      { match, online: [0], service: 'up' },
      { match, service: 'away' },
      { match, online: [0, 1], service: 'up' },
    ]);
  });
});

/**
 * The model: a log of events numbered from 1, and a link that loses, repeats, and jumps over them. Whatever happens,
 * a follower's story is its first answer and then every event after it, once, in order.
 */
type Action =
  | { do: 'append'; named: boolean }
  | { do: 'lose' }
  | { do: 'renew'; gap: boolean }
  | { do: 'double' }
  | { do: 'jump' }
  | { do: 'join'; behind: number; snapshot: boolean }
  | { do: 'leave' }
  | { do: 'names' }
  | { do: 'settle' };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), named: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'lose' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('renew' as const), gap: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'double' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'jump' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('join' as const), behind: fc.nat(12), snapshot: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'leave' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'names' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'settle' as const }) },
);

class World {
  readonly log: { seq: number; named: boolean }[] = [];
  readonly stories: { follower: Follower; story: number[]; gone: boolean; joined: boolean }[] = [];
  readonly asked: { pseudonym: Pseudonym; resolve: (player: { name: string }) => void }[] = [];
  isUp = true;
  readonly broken = vi.fn();
  readonly feed: Feed;

  constructor() {
    const names = new DisplayNames({
      nameOf: (pseudonym) => new Promise((resolve) => this.asked.push({ pseudonym, resolve })),
      most: 1,
      patienceMs: 60_000,
    });
    const history: FeedHistory = {
      page: async (after) =>
        this.log.slice(after, after + 3).map(({ seq }) => feedEvent(seq, JSON.stringify({ seq }))),
    };
    this.feed = makeFeed({ names, history, onBroken: this.broken });
  }

  deliver(seq: number): void {
    const logged = this.log[seq - 1];
    if (logged === undefined) return;
    const json = logged.named
      ? { seq, type: 'joined', seat: 0, player: `y_${String(seq).padStart(22, '0')}` }
      : { seq, type: 'moved' };
    this.feed.event(seq, Buffer.from(JSON.stringify(json)), { namesPlayers: logged.named, asker: undefined });
  }

  renew(gap: boolean): void {
    this.isUp = true;
    const after = this.feed.after();
    if (!gap) for (let seq = after + 1; seq <= this.log.length; seq += 1) this.deliver(seq);
    this.feed.subscribed(gap ? { head: this.log.length, gap: true } : { head: this.log.length });
  }

  join(after: number, snapshot: boolean): void {
    const entry = { story: [] as number[], gone: false, joined: false };
    const take = (event: FeedEvent) => void entry.story.push(event.seq);
    const follower: Follower = { position: 0, take, presence() {}, broken() {} };
    this.stories.push(Object.assign(entry, { follower }));
    if (snapshot) entry.story.push(this.log.length);
    void this.feed.join({
      follower,
      after: snapshot ? this.log.length : after,
      atLeast: snapshot ? 0 : this.log.length,
      isGone: () => entry.gone,
      failed: (why) => {
        throw new Error(why);
      },
      answer: (events) => {
        entry.joined = true;
        if (!snapshot) entry.story.push(after);
        for (const event of events) take(event);
      },
    });
  }

  names(): void {
    for (const { pseudonym, resolve } of this.asked.splice(0)) resolve({ name: `name of ${pseudonym}` });
  }

  async run(step: Action): Promise<void> {
    switch (step.do) {
      case 'append':
        this.log.push({ seq: this.log.length + 1, named: step.named });
        if (this.isUp) this.deliver(this.log.length);
        return;
      case 'lose':
        this.isUp = false;
        return;
      case 'renew':
        this.renew(step.gap);
        return;
      case 'double':
        this.deliver(this.log.length);
        return;
      case 'jump':
        // Two events, of which the link brings only the second.
        this.log.push({ seq: this.log.length + 1, named: false });
        this.log.push({ seq: this.log.length + 1, named: false });
        if (this.isUp) this.deliver(this.log.length);
        return;
      case 'join':
        this.join(Math.max(0, this.log.length - step.behind), step.snapshot);
        return;
      case 'leave': {
        const entry = this.stories.find(({ gone, joined }) => !gone && joined);
        if (entry === undefined) return;
        entry.gone = true;
        this.feed.leave(entry.follower);
        return;
      }
      case 'names':
        this.names();
        return;
      case 'settle':
        await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

describe('Feed, whatever the link does', () => {
  it('tells every follower one story without a gap, a double or a swap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), fc.boolean(), async (steps, gap) => {
        const world = new World();
        for (const step of steps) await world.run(step);
        world.renew(gap);
        for (let turn = 0; turn < 100; turn += 1) {
          world.names();
          await new Promise((resolve) => setImmediate(resolve));
          if (world.stories.every(({ gone, story }) => gone || story.at(-1) === world.log.length)) break;
        }
        expect(world.broken).not.toHaveBeenCalled();
        for (const { story, gone } of world.stories) {
          const [first = 0] = story;
          expect(story).toEqual(story.map((_seq, index) => first + index));
          if (!gone) expect(story.at(-1)).toBe(world.log.length);
        }
      }),
      { numRuns: 400 },
    );
  }, 60_000);
});

describe('Feed.turn', () => {
  const typed = (feed: Feed, seq: number, event: object) =>
    feed.event(seq, Buffer.from(JSON.stringify({ seq, ...event })), {
      namesPlayers: false,
      asker: undefined,
    });

  it('is what the newest event that tells says, and null after the end', () => {
    const feed = makeFeed();
    expect(feed.turn).toBeUndefined();
    typed(feed, 1, { type: 'created' });
    expect(feed.turn).toBeNull();
    typed(feed, 2, { type: 'started', turn: 0 });
    typed(feed, 3, { type: 'drawOffered', seat: 0 });
    expect(feed.turn).toBe(0);
    typed(feed, 4, { type: 'moved', seat: 0, turn: 1 });
    typed(feed, 5, { type: 'drawDeclined', seat: 1 });
    expect(feed.turn).toBe(1);
    expect(feed.turn).toBe(1);
    typed(feed, 6, { type: 'ended', result: { kind: 'won' } });
    expect(feed.turn).toBeNull();
  });

  it('is learned from a snapshot, ahead of the stream or behind it', () => {
    const ahead = makeFeed({ after: 3 });
    ahead.learn(shown(5, 1));
    expect(ahead.turn).toBe(1);
    typed(ahead, 4, { type: 'moved', seat: 1, turn: 0 });
    expect(ahead.turn).toBe(1);

    const behind = makeFeed({ after: 3 });
    typed(behind, 4, { type: 'moved', seat: 1, turn: 0 });
    behind.learn(shown(3, 1));
    expect(behind.turn).toBe(0);
  });

  it('is unknown when what told it has not been kept', () => {
    const feed = makeFeed();
    typed(feed, 1, { type: 'started', turn: 0 });
    for (let seq = 2; seq < 400; seq += 1) typed(feed, seq, { type: 'drawOffered', seat: 0 });
    expect(feed.turn).toBeUndefined();
  });
});

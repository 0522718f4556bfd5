import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Pseudonym } from '../../../../src/protocol/ids.ts';
import type { Refusal } from '../../../../src/protocol/refusals.ts';
import type {
  Asker,
  BackendAsker,
  Channel,
  ChannelOwner,
  LinkJson,
  StreamOwner,
} from '../../../../src/proxy/link/link.ts';
import { LinkClient } from '../../../../src/proxy/link/link-client.ts';
import { FakeBackend } from '../../../support/proxy-fake-backend.ts';

const pseudonym = `y_${'A'.repeat(22)}` as Pseudonym;
const silent = { info() {}, warn() {} };

class Heard implements BackendAsker {
  reply: LinkJson | undefined;
  refusal: Refusal | undefined;
  times = 0;
  replied(reply: LinkJson): void {
    this.times += 1;
    this.reply = reply;
  }
  refused(refusal: Refusal): void {
    this.times += 1;
    this.refusal = refusal;
  }
  elsewhere(): void {
    this.times += 1;
  }
}

class Stream implements StreamOwner {
  readonly match = 'm_0123456789abcdef' as never;
  readonly audience = 'all' as const;
  seen: { seq: number; text: string; asker: Asker | undefined }[] = [];
  head: number | undefined;
  at = 0;
  after(): number {
    return this.at;
  }
  event(seq: number, payload: Uint8Array, { asker }: { asker: Asker | undefined }): void {
    this.at = seq;
    this.seen.push({ seq, text: Buffer.from(payload).toString(), asker });
  }
  subscribed({ head }: { head: number }): void {
    this.head = head;
  }
  presence(): void {}
}

let backend: FakeBackend;
let link: LinkClient;

function owner(overrides: Partial<ChannelOwner> = {}): ChannelOwner {
  return { pseudonym, notice() {}, reopened() {}, ...overrides };
}

function request(channel: Channel | undefined, body = '{"n":1}'): Heard {
  const asker = new Heard();
  const refusal = link.request({ channel, method: 'match.move', body, asker });
  if (refusal !== undefined) asker.refused(refusal);
  return asker;
}

async function up(): Promise<void> {
  link.start();
  await vi.waitUntil(() => link.state === 'up', { interval: 1 });
}

beforeEach(() => {
  backend = new FakeBackend();
  link = new LinkClient({ dial: backend.dial, logger: silent, random: () => 0 });
});

afterEach(() => {
  link.close();
  vi.useRealTimers();
});

describe('LinkClient', () => {
  it('says hello first, and nothing else before the backend’s hello', async () => {
    backend.hello = undefined;
    const channel = link.openChannel(owner()) as Channel;
    request(channel);
    link.start();
    await backend.until(() => backend.heard.length > 0);
    expect(backend.heard.map(({ type }) => type)).toEqual(['hello']);
    expect(JSON.parse(backend.heard[0]?.text ?? '')).toMatchObject({ version: 1, role: 'proxy' });

    backend.send('hello', { json: { version: 1, role: 'backend', instance: 'late' } });
    await backend.until(() => backend.heard.length === 3);
    expect(backend.heard.map(({ type }) => type)).toEqual(['hello', 'openChannel', 'request']);
    expect(backend.heard[1]).toMatchObject({ channel: channel.number, text: pseudonym });
  });

  it.each([
    { version: 2, role: 'backend' as const, instance: 'x' },
    { version: 1, role: 'proxy' as const, instance: 'x' },
    { version: 1, role: 'backend' as const },
  ])('does not go up on an unfit hello: %j', async (hello) => {
    backend.hello = hello as never;
    link.start();
    await backend.until(() => backend.ofType('goAway').length > 0);
    expect(link.state).toBe('away');
    expect(JSON.parse(backend.ofType('goAway')[0]?.text ?? '')).toMatchObject({ reason: 'protocol_error' });
  });

  it('says the trace of a request directly before it, on each connection that it is sent on, and of no other', async () => {
    await up();
    const channel = link.openChannel(owner()) as Channel;
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    request(channel);
    link.request({ channel, method: 'match.move', body: '{"n":2}', asker: new Heard(), traceparent });
    await backend.until(() => backend.requests().length === 2);
    const types = () => backend.heard.filter(({ tag }) => tag !== 0).map(({ type, tag }) => `${type} ${tag}`);
    const [first, second] = backend.requests().map(({ tag }) => tag);
    expect(types()).toEqual([`request ${first}`, `trace ${second}`, `request ${second}`]);
    expect(backend.ofType('trace')[0]).toMatchObject({ channel: channel.number, text: traceparent });
    backend.heard.length = 0;
    backend.drop();
    await backend.until(() => backend.requests().length === 2);
    expect(types()).toEqual([`request ${first}`, `trace ${second}`, `request ${second}`]);
  });

  it('puts all frames of one turn in one write', async () => {
    await up();
    await backend.until(() => backend.heard.length > 0);
    backend.chunks.length = 0;
    const channel = link.openChannel(owner()) as Channel;
    for (let count = 0; count < 50; count += 1) request(channel);
    await backend.until(() => backend.requests().length === 50);
    expect(backend.chunks).toHaveLength(1);
  });

  it('gives each answer to the one who asked, by reply, refusal and event', async () => {
    await up();
    const channel = link.openChannel(owner()) as Channel;
    const stream = new Stream();
    const subscription = link.subscribe(stream);
    const asked = [request(channel), request(channel), request(channel)];
    await backend.until(() => backend.requests().length === 3);
    const [first, second, third] = backend.requests().map(({ tag }) => tag);
    backend.send('refusal', { tag: second as number, json: { code: 'not_your_turn', reason: 'No.' } });
    backend.event({
      tag: subscription?.number as number,
      seq: 1,
      json: { seq: 1 },
      answers: third as number,
    });
    backend.send('reply', { tag: first as number, flags: 1, json: { ok: 1 } });
    await vi.waitUntil(() => asked[0]?.times === 1);

    expect(asked[0]?.reply).toEqual({ text: '{"ok":1}', namesPlayers: true });
    expect(asked[1]?.refusal).toMatchObject({ code: 'not_your_turn' });
    expect(asked[2]?.times).toBe(0);
    expect(stream.seen).toEqual([{ seq: 1, text: '{"seq":1}', asker: asked[2] }]);
  });

  it('answers by the event alone when the stream has been left', async () => {
    await up();
    const asked = request(link.openChannel(owner()) as Channel);
    await backend.until(() => backend.requests().length === 1);
    backend.event({ tag: 77, seq: 4, json: { seq: 4 }, answers: backend.requests()[0]?.tag as number });
    await vi.waitUntil(() => asked.times === 1);
    expect(asked.reply).toEqual({ text: '{"seq":4}', namesPlayers: false });
  });

  it('after a loss: channels, then streams from where they are, then unanswered requests by age', async () => {
    await up();
    const reopened = vi.fn();
    const channel = link.openChannel(owner({ reopened })) as Channel;
    const stream = new Stream();
    link.subscribe(stream);
    const asked = request(channel, '{"n":1}');
    request(channel, '{"n":2}');
    await backend.until(() => backend.requests().length === 2);
    backend.event({ tag: 1, seq: 7, json: {} });
    await vi.waitUntil(() => stream.at === 7);
    backend.drop();
    await backend.until(() => backend.requests().length === 4);

    const again = backend.heard.filter(({ connection }) => connection === 2);
    expect(again.map(({ type }) => type)).toEqual([
      'hello',
      'openChannel',
      'subscribe',
      'request',
      'request',
    ]);
    expect(JSON.parse(again[2]?.text ?? '')).toMatchObject({ after: 7 });
    expect(again.slice(3).map(({ text, tag }) => [text, tag])).toEqual([
      ['{"n":1}', backend.requests()[0]?.tag],
      ['{"n":2}', backend.requests()[1]?.tag],
    ]);
    expect(reopened).toHaveBeenCalledTimes(1);
    backend.send('reply', { tag: again[3]?.tag as number, json: {} });
    await vi.waitUntil(() => asked.times === 1);
  });

  it('waits 5 s for a backend that is away before it refuses, and says when to come again', async () => {
    vi.useFakeTimers();
    backend.isUp = false;
    link = new LinkClient({ dial: backend.dial, logger: silent, now: () => Date.now(), random: () => 0 });
    link.start();
    const asked = request(link.openChannel(owner()) as Channel);
    await vi.advanceTimersByTimeAsync(4_900);
    expect(asked.times).toBe(0);
    await vi.advanceTimersByTimeAsync(400);
    expect(asked.refusal).toMatchObject({ code: 'backend_unavailable', retryAfterMs: 1_000 });
  });

  it('keeps a request whose answer was lost for 10 s, and forgets it then', async () => {
    vi.useFakeTimers();
    link = new LinkClient({ dial: backend.dial, logger: silent, now: () => Date.now(), random: () => 0 });
    link.start();
    await vi.advanceTimersByTimeAsync(1);
    const asked = request(link.openChannel(owner()) as Channel);
    await vi.advanceTimersByTimeAsync(1);
    backend.isUp = false;
    backend.drop();
    await vi.advanceTimersByTimeAsync(9_500);
    expect(asked.times).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked.refusal).toMatchObject({ code: 'backend_unavailable' });
    backend.isUp = true;
    await vi.advanceTimersByTimeAsync(4_000);
    expect(link.state).toBe('up');
    expect(backend.requests()).toHaveLength(1);
  });

  it('dials again at growing, bounded pauses', async () => {
    vi.useFakeTimers();
    backend.isUp = false;
    link = new LinkClient({ dial: backend.dial, logger: silent, now: () => Date.now(), random: () => 0.999 });
    link.start();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(backend.dials).toBeGreaterThan(12);
    expect(backend.dials).toBeLessThan(20);
  });

  it('ends a connection on which nothing was heard for 6 s', async () => {
    vi.useFakeTimers();
    link = new LinkClient({ dial: backend.dial, logger: silent, now: () => Date.now(), random: () => 0 });
    link.start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(backend.connections).toBe(1);
    backend.answersPings = false;
    await vi.advanceTimersByTimeAsync(9_000);
    expect(backend.connections).toBe(2);
  });

  it('on go-away: nothing new is sent, due answers are awaited, then it dials again', async () => {
    await up();
    const away = vi.fn();
    link.observe({ up() {}, away });
    const channel = link.openChannel(owner()) as Channel;
    const due = request(channel);
    await backend.until(() => backend.requests().length === 1);
    backend.send('goAway', { json: { reason: 'certificates_changed', text: '' } });
    await vi.waitUntil(() => link.state === 'away');
    const later = request(channel);
    expect(away).not.toHaveBeenCalled();
    backend.send('reply', { tag: backend.requests()[0]?.tag as number, json: {} });
    await backend.until(() => backend.connections === 2 && backend.requests().length === 2);
    expect(due.times).toBe(1);
    expect(later.times).toBe(0);
    expect(backend.requests()[1]?.connection).toBe(2);
  });

  it('refuses more requests than the backend lets wait', async () => {
    backend.hello = { version: 1, role: 'backend', instance: 'small', maxInFlight: 2 };
    await up();
    const channel = link.openChannel(owner()) as Channel;
    const asked = [request(channel), request(channel), request(channel)];
    expect(asked.map(({ refusal }) => refusal?.code)).toEqual([undefined, undefined, 'too_many_in_flight']);
  });

  it('promise 10: keeps the last eighth of the places for what is urgent', async () => {
    backend.hello = { version: 1, role: 'backend', instance: 'small', maxInFlight: 8 };
    await up();
    const channel = link.openChannel(owner()) as Channel;
    const asked = Array.from({ length: 8 }, () => request(channel));
    expect(asked.filter(({ refusal }) => refusal === undefined)).toHaveLength(7);
    const asker = { replied() {}, refused() {}, elsewhere() {} };
    const urgent = () =>
      link.request({ channel, method: 'match.move', body: '{}', asker, isUrgent: true })?.code;
    expect([urgent(), urgent()]).toEqual([undefined, 'too_many_in_flight']);
  });

  it('forgets the requests of a closed channel, and drops their answers', async () => {
    await up();
    const channel = link.openChannel(owner()) as Channel;
    const asked = request(channel);
    await backend.until(() => backend.requests().length === 1);
    link.closeChannel(channel);
    backend.send('reply', { tag: backend.requests()[0]?.tag as number, json: {} });
    await backend.until(() => backend.ofType('closeChannel').length === 1);
    backend.drop();
    await vi.waitUntil(() => backend.connections === 2 && link.state === 'up', { interval: 1 });
    link.openChannel(owner());
    await backend.until(() =>
      backend.heard.some(({ connection, type }) => connection === 2 && type !== 'hello'),
    );
    expect(asked.times).toBe(0);
    const again = backend.heard.filter(({ connection }) => connection === 2);
    expect(again.map(({ type }) => type)).toEqual(['hello', 'openChannel']);
  });

  it.each([
    ['a frame type that it must know', (it: FakeBackend) => it.send(99)],
    ['a frame that only a proxy sends', (it: FakeBackend) => it.send('request', { tag: 1 })],
    ['a payload that is not JSON', (it: FakeBackend) => it.send('goAway', { raw: '{' })],
  ])('ends the connection with protocol_error on %s', async (_name, misbehave) => {
    await up();
    misbehave(backend);
    await backend.until(() => backend.ofType('goAway').length === 1);
    expect(JSON.parse(backend.ofType('goAway')[0]?.text ?? '')).toMatchObject({ reason: 'protocol_error' });
    await backend.until(() => backend.connections === 2);
  });

  it('a stream’s owner that fails on what it is sent costs the connection and nothing else', async () => {
    await up();
    const stream = new Stream();
    stream.event = () => {
      throw new TypeError('not what was expected');
    };
    link.subscribe(stream);
    backend.event({ tag: 1, seq: 1, json: {} });
    await backend.until(() => backend.connections === 2);
    await vi.waitUntil(() => link.state === 'up', { interval: 1 });
  });

  it('asks again on the next connection for an answer that cannot be read, and loses no asker', async () => {
    await up();
    const asked = request(link.openChannel(owner()));
    await backend.until(() => backend.requests().length === 1);
    backend.send('refusal', { tag: backend.requests()[0]?.tag as number, raw: '{' });
    await backend.until(() => backend.requests().length === 2);
    expect(asked.times).toBe(0);
    backend.send('reply', { tag: backend.requests()[1]?.tag as number, json: {} });
    await vi.waitUntil(() => asked.times === 1);
  });

  it('ignores an unknown optional frame', async () => {
    await up();
    backend.send(200);
    const asked = request(link.openChannel(owner()) as Channel);
    await backend.until(() => backend.requests().length === 1);
    backend.send('reply', { tag: backend.requests()[0]?.tag as number, json: {} });
    await vi.waitUntil(() => asked.times === 1);
    expect(backend.connections).toBe(1);
  });

  it('is congested while more than 4 MiB wait, and says when they have left', async () => {
    await up();
    const channel = link.openChannel(owner()) as Channel;
    const body = `"${'x'.repeat(900_000)}"`;
    const drained = vi.fn();
    for (let count = 0; count < 5; count += 1) request(channel, body);
    expect(link.congested).toBe(true);
    link.whenDrained(drained);
    await backend.until(() => backend.requests().length === 5);
    await vi.waitUntil(() => drained.mock.calls.length === 1);
    expect(link.congested).toBe(false);
  });

  it('refuses what is unanswered when it closes', async () => {
    await up();
    const asked = request(link.openChannel(owner()) as Channel);
    link.close();
    expect(asked.refusal).toMatchObject({ code: 'draining' });
    await backend.until(() => backend.ofType('goAway').length === 1);
    expect(link.openChannel(owner())).toBeDefined();
    expect(link.state).toBe('closed');
  });
});

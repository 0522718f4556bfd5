import { describe, expect, it } from 'vitest';
import type { CacheAsk, CacheResult } from '../../../../../../src/proxy/routes/http/cache/cache-ask.ts';
import { HttpCache, type Outdated } from '../../../../../../src/proxy/routes/http/cache/http-cache.ts';
import { MemoryStore } from '../../../../../../src/proxy/routes/http/cache/memory-store.ts';
import type { Answer, Receiver } from '../../../../../../src/proxy/routes/http/exchange.ts';
import type { Fields } from '../../../../../../src/proxy/routes/http/fields.ts';
import { caseBounds, casePolicy, collect } from '../../../../../support/castling-cache.ts';

const fresh: Fields = { 'cache-control': 'max-age=60' };

/** One request that has come to the upstream, which the test answers when it likes. */
interface Asked {
  readonly fields: Fields;
  readonly receiver: Receiver;
  readonly flow: { paused: boolean };
  isStopped: boolean;
  answer(fields: Fields, body: string, status?: number): void;
}

function bench({ patienceMs = 10_000 } = {}) {
  const clock = { now: Date.UTC(2026, 5, 1) };
  const asked: Asked[] = [];
  const results: CacheResult[] = [];
  const outdated: Outdated[] = [];
  const store = new MemoryStore(caseBounds);
  const cache = new HttpCache({
    store,
    bounds: caseBounds,
    policy: casePolicy,
    patienceMs,
    now: () => clock.now,
    onResult: (_route, result) => void results.push(result),
    onOutdated: (answers) => void outdated.push(answers),
  });
  const send = (
    options: Partial<Pick<CacheAsk, 'method' | 'owner' | 'fields' | 'answer'>> & { target?: string } = {},
  ) => {
    const { target = '/', ...rest } = options;
    const { answer, result } = collect();
    let leave = () => {};
    const client: Answer = {
      ...answer,
      whenGone: (callback) => {
        leave = callback;
      },
    };
    cache.serve({
      address: { route: 'app', target },
      method: 'GET',
      owner: '',
      isCredentialed: (options.owner ?? '') !== '',
      hasQuery: target.includes('?'),
      keyedBy: [],
      fields: {},
      answer: client,
      targetOf: (reference) => reference,
      fetch: (fields, receiver) => {
        const flow = { paused: false };
        const one: Asked = {
          fields,
          receiver,
          flow,
          isStopped: false,
          answer: (given, body, status = 200) => {
            receiver.head(
              { status, fields: given },
              {
                pause: () => {
                  flow.paused = true;
                },
                resume: () => {
                  flow.paused = false;
                },
              },
            );
            if (body !== '') receiver.data(Buffer.from(body));
            receiver.end({});
          },
        };
        asked.push(one);
        return () => {
          one.isStopped = true;
        };
      },
      ...rest,
    });
    return { result, leave: () => leave() };
  };
  return { cache, clock, asked, results, outdated, send, store };
}

describe('requests for the same', () => {
  it('wait for the first, and are answered from what it has left', async () => {
    const { send, asked, results } = bench();
    const all = Array.from({ length: 100 }, () => send().result);
    expect(asked).toHaveLength(1);
    asked[0]?.answer(fresh, 'hello');
    const answers = await Promise.all(all);
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['hello']));
    expect(answers[1]?.fields['cache-status']).toBe('castling; hit; ttl=60; collapsed');
    expect(results.toSorted()).toEqual([...Array(99).fill('collapsed'), 'miss']);
  });

  it('ask for themselves as soon as the answer turns out to be for the first alone', async () => {
    const { send, asked } = bench();
    const all = [send(), send(), send()].map(({ result }) => result);
    asked[0]?.answer({ 'cache-control': 'private' }, 'first');
    expect(asked).toHaveLength(3);
    asked[1]?.answer({ 'cache-control': 'private' }, 'second');
    asked[2]?.answer({ 'cache-control': 'private' }, 'third');
    expect((await Promise.all(all)).map(({ body }) => body)).toEqual(['first', 'second', 'third']);
    // For a while nobody waits for an answer like that.
    send();
    send();
    expect(asked).toHaveLength(5);
  });

  it('do not wait for another player’s', async () => {
    const { send, asked } = bench();
    const all = ['y_ada', 'y_grace'].map((owner) => send({ owner }).result);
    expect(asked).toHaveLength(2);
    asked[0]?.answer(fresh, 'ada');
    asked[1]?.answer(fresh, 'grace');
    expect((await Promise.all(all)).map(({ body }) => body)).toEqual(['ada', 'grace']);
  });

  it('that need another variant ask one after the other, once each', async () => {
    const { send, asked } = bench();
    const vary = { ...fresh, vary: 'accept-language' };
    const languages = ['en', 'de', 'en', 'de', 'de'];
    const all = languages.map((language) => send({ fields: { 'accept-language': language } }).result);
    for (let index = 0; index < asked.length; index += 1) {
      asked[index]?.answer(vary, String(asked[index]?.fields['accept-language']));
    }
    expect((await Promise.all(all)).map(({ body }) => body)).toEqual(languages);
    expect(asked).toHaveLength(2);
  });

  it('share a failure, and do not storm the upstream with it', async () => {
    const { send, asked } = bench();
    const all = [send(), send(), send()].map(({ result }) => result);
    asked[0]?.receiver.failed({ problem: 'upstream_unavailable', isDisconnected: true });
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(asked).toHaveLength(1);
  });

  it('share one validation, and one stale answer in place of an error', async () => {
    const { send, asked, clock } = bench();
    const first = send().result;
    asked[0]?.answer({ 'cache-control': 'max-age=60, stale-if-error=60', etag: '"1"' }, 'hello');
    await first;
    clock.now += 70_000;
    const all = [send(), send(), send()].map(({ result }) => result);
    expect(asked).toHaveLength(2);
    asked[1]?.answer({}, 'broken', 503);
    expect((await Promise.all(all)).map(({ status, body }) => [status, body])).toEqual(
      Array(3).fill([200, 'hello']),
    );
    const again = [send(), send()].map(({ result }) => result);
    expect(asked[2]?.fields['if-none-match']).toBe('"1"');
    asked[2]?.answer({ 'cache-control': 'max-age=60', etag: '"1"' }, '', 304);
    expect((await Promise.all(again)).map(({ body }) => body)).toEqual(['hello', 'hello']);
    expect(asked).toHaveLength(3);
  });

  it('get no stale answer of another variant, nor one that only another request allows', async () => {
    const { send, asked, clock } = bench();
    const variants = ['one', 'two'].map((cookie) => ({ fields: { cookie } }));
    const kept = { 'cache-control': 'public, max-age=60, stale-if-error=60', vary: 'cookie', etag: '"1"' };
    for (const [index, request] of variants.entries()) {
      const first = send(request).result;
      asked[index]?.answer(kept, `for ${request.fields.cookie}`);
      await first;
    }
    clock.now += 70_000;
    const both = variants.map((request) => send(request).result);
    expect(asked).toHaveLength(3);
    asked[2]?.answer({}, 'broken', 503);
    asked[3]?.answer({}, 'broken', 503);
    expect((await Promise.all(both)).map(({ body }) => body)).toEqual(['for one', 'for two']);

    const plain = send({ target: '/plain' }).result;
    asked[4]?.answer({ 'cache-control': 'max-age=60', etag: '"1"' }, 'old');
    await plain;
    clock.now += 70_000;
    const patient = send({ target: '/plain', fields: { 'cache-control': 'stale-if-error=600' } }).result;
    const strict = send({ target: '/plain' }).result;
    asked[5]?.answer({}, 'broken', 503);
    expect((await patient).body).toBe('old');
    asked[6]?.answer({}, 'broken', 503);
    expect((await strict).body).toBe('broken');
  });

  it('refresh a stale answer once, however many are given it meanwhile', async () => {
    const { send, asked, clock } = bench();
    const first = send().result;
    asked[0]?.answer({ 'cache-control': 'max-age=60, stale-while-revalidate=60' }, 'old');
    await first;
    clock.now += 70_000;
    const all = Array.from({ length: 20 }, () => send().result);
    expect(new Set((await Promise.all(all)).map(({ body }) => body))).toEqual(new Set(['old']));
    expect(asked).toHaveLength(2);
    asked[1]?.answer(fresh, 'new');
    expect((await send().result).body).toBe('new');
  });

  it('wait no longer than they may', async () => {
    const { send, asked } = bench({ patienceMs: 20 });
    send();
    const second = send().result;
    while (asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    asked[1]?.answer(fresh, 'second');
    expect((await second).body).toBe('second');
  });
});

describe('a client that leaves', () => {
  it('ends a request that is of use to nobody else', () => {
    const { send, asked } = bench();
    send().leave();
    expect(asked[0]?.isStopped).toBe(true);
  });

  it('does not end one that others wait for, nor one whose answer is being kept', async () => {
    const { send, asked } = bench();
    const first = send();
    const second = send();
    first.leave();
    expect(asked[0]?.isStopped).toBe(false);
    asked[0]?.answer(fresh, 'hello');
    expect((await second.result).body).toBe('hello');
    expect(asked).toHaveLength(1);
  });

  it('does not hold up who waits for the same by reading slowly', async () => {
    const { send, asked } = bench();
    const { answer } = collect();
    send({
      answer: {
        ...answer,
        head: (_head, flow) => flow.pause(),
      },
    });
    const second = send();
    asked[0]?.answer(fresh, 'hello');
    expect(asked[0]?.flow.paused).toBe(false);
    expect((await second.result).body).toBe('hello');
  });
});

describe('what is changed or purged while it is under way', () => {
  it.each([
    [
      'by an unsafe request',
      (parts: ReturnType<typeof bench>) => {
        parts.send({ method: 'POST' });
        parts.asked[1]?.answer({}, 'changed');
      },
    ],
    ['by a purge', (parts: ReturnType<typeof bench>) => void parts.cache.purge('app', '/')],
  ])('%s is not kept', async (_how, change) => {
    const parts = bench();
    const first = parts.send().result;
    const waiting = parts.send().result;
    change(parts);
    const asked = parts.asked.at(-1);
    expect(parts.asked.length).toBeGreaterThanOrEqual(2);
    parts.asked[0]?.answer(fresh, 'old');
    asked?.answer(fresh, 'new');
    expect((await first).body).toBe('old');
    expect((await waiting).body).toBe('new');
    expect((await parts.send().result).body).toBe('new');
  });
});

describe('what another process’s client changes', () => {
  it('is told to it, and forgotten there, under way or kept', async () => {
    const here = bench();
    const there = bench();
    for (const { send, asked } of [here, there]) {
      const first = send({ target: '/a' }).result;
      asked[0]?.answer(fresh, 'old');
      await first;
    }
    const underWay = there.send({ target: '/b' }).result;
    here.send({ target: '/a', method: 'POST' });
    here.asked[1]?.answer({ location: '/b' }, 'changed', 201);
    expect(here.outdated).toEqual([{ route: 'app', targets: ['/a', '/b'] }]);
    for (const answers of here.outdated) there.cache.forget(answers);
    there.asked[1]?.answer(fresh, 'old');
    await underWay;
    there.send({ target: '/a' });
    there.send({ target: '/b' });
    expect(there.asked).toHaveLength(4);
    expect(there.outdated).toEqual([]);
  });

  it('is not told when the request failed', () => {
    const { send, asked, outdated } = bench();
    send({ method: 'DELETE' });
    asked[0]?.answer({}, 'no', 403);
    expect(outdated).toEqual([]);
  });
});

describe('the memory of a cache', () => {
  it('is bounded for answers on their way into it, too', () => {
    const { send, asked, store } = bench();
    for (let index = 0; index < 40; index += 1) {
      send({ target: `/${index}` });
      asked[index]?.receiver.head({ status: 200, fields: fresh }, { pause: () => {}, resume: () => {} });
      asked[index]?.receiver.data(Buffer.alloc(caseBounds.bodyBytes - 1));
    }
    for (const one of asked) one.receiver.end({});
    // A quarter of the whole may be on its way at once.
    expect(store.size.responses).toBe(4);
  });
});

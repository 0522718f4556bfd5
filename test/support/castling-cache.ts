import type { CacheAsk } from '../../src/proxy/routes/http/cache/cache-ask.ts';
import { HttpCache } from '../../src/proxy/routes/http/cache/http-cache.ts';
import type { CacheStore } from '../../src/proxy/routes/http/cache/stored-response.ts';
import type { Answer, Fetch } from '../../src/proxy/routes/http/exchange.ts';
import type { Fields } from '../../src/proxy/routes/http/fields.ts';
import type { CaseFields, CaseResult, MakeCache } from './cache-case.ts';

export const caseBounds = { bytes: 1024 * 1024, bodyBytes: 64 * 1024 };
/** Seconds. */
export const casePolicy = { heuristicMost: 3_600, disconnectedMost: 0 };

/** Castling's cache over one of its stores, with nothing else of the proxy around it. */
export function castlingCache(makeStore: (now: () => number) => CacheStore): MakeCache {
  return ({ upstream, clock }) => {
    const now = () => clock.now;
    const store = makeStore(now);
    const cache = new HttpCache({ store, bounds: caseBounds, policy: casePolicy, patienceMs: 1_000, now });
    return {
      send: async ({ method = 'GET', target = '/', fields = {}, player = '' }) => {
        const { answer, result } = collect();
        const fetch: Fetch = (asked, receiver) => {
          let isStopped = false;
          queueMicrotask(() => {
            if (isStopped) return;
            const given = upstream.answer({ method, target, fields: asked as CaseFields });
            if (given === undefined) {
              receiver.failed({ problem: 'upstream_unavailable', isDisconnected: true });
              return;
            }
            const { status = 200, fields: answered = {}, body = '' } = given;
            receiver.head({ status, fields: answered }, { pause: () => {}, resume: () => {} });
            if (body !== '' && method !== 'HEAD' && status !== 304) receiver.data(Buffer.from(body));
            receiver.end({});
          });
          return () => {
            isStopped = true;
          };
        };
        const ask: CacheAsk = {
          address: { route: 'game', target },
          method,
          owner: player,
          fields: fields as Fields,
          isCredentialed: player !== '' || fields.cookie !== undefined,
          hasQuery: target.includes('?'),
          keyedBy: [],
          fetch,
          answer,
          targetOf: (reference) => targetOf(reference, target),
        };
        cache.serve(ask);
        return await result;
      },
      close: () => store.close(),
    };
  };
}

/** A client that keeps what it is told. */
export function collect(): { readonly answer: Answer; readonly result: Promise<CaseResult> } {
  const { promise, resolve } = Promise.withResolvers<CaseResult>();
  let head = { status: 0, fields: {} as Fields };
  const chunks: Buffer[] = [];
  const finish = () => resolve({ ...head, body: Buffer.concat(chunks).toString() } as CaseResult);
  const answer: Answer = {
    head: (given) => {
      head = given;
    },
    data: (chunk) => void chunks.push(chunk),
    end: finish,
    failed: ({ problem }) => {
      head = { status: problem === 'upstream_unavailable' ? 503 : 504, fields: {} };
      finish();
    },
    whole: (given, body) => {
      head = given;
      if (body !== undefined) chunks.push(body);
      finish();
    },
    whenGone: () => {},
  };
  return { answer, result: promise };
}

function targetOf(reference: string, target: string): string | undefined {
  const url = new URL(reference, `http://upstream.test${target}`);
  return url.host === 'upstream.test' ? `${url.pathname}${url.search}` : undefined;
}

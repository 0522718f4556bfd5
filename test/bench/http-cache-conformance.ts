import { Dispatcher, interceptors } from 'undici';
import { MemoryStore } from '../../src/proxy/routes/http/cache/memory-store.ts';
import { casesOfHttpCaches } from '../conformance/http-cache/cases.ts';
import { type CaseFields, type CaseResult, type MakeCache, runCase } from '../support/cache-case.ts';
import { caseBounds, castlingCache } from '../support/castling-cache.ts';
import type { Bench, Subject } from './harness/bench.ts';

/** What only a proxy of ours promises: its own field, and its own word about what it did. */
const ofOurs = /^RFC 9211|assertion/;

export default {
  name: 'http-cache-conformance',
  question:
    'How many cases of the cache battery hold for Castling’s cache, and for undici’s cache interceptor, which it does without?',
  operation: 'case',
  figures: { held: { label: 'cases that hold', unit: 'of all', better: 'more' } },
  subjects: {
    castling: () => holder(castlingCache(() => new MemoryStore(caseBounds))),
    undici: () => holder(undiciCache),
  },
  rounds: 1,
  warmUp: 0,
} satisfies Bench;

async function holder(makeCache: MakeCache): Promise<Subject> {
  return {
    pids: () => [],
    async round() {
      let held = 0;
      for (const each of casesOfHttpCaches.filter(
        ({ section, says }) => !ofOurs.test(`${section} ${says}`),
      )) {
        try {
          await runCase(each, makeCache);
          held += 1;
        } catch {
          // A case that does not hold is what is counted here.
        }
      }
      return { operations: 0, figures: { held } };
    },
    stop: async () => {},
  };
}

/** Players are told apart by `Authorization`, as RFC 9111 knows it. */
function undiciCache({ upstream, clock }: Parameters<MakeCache>[0]): ReturnType<MakeCache> {
  const realNow = Date.now;
  Date.now = () => clock.now;
  const origin = new (class extends Dispatcher {
    override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      queueMicrotask(() => {
        const controller = {
          aborted: false,
          paused: false,
          reason: null,
          abort() {},
          pause() {},
          resume() {},
        };
        const { method, path: target, headers } = options;
        handler.onRequestStart?.(controller, {});
        const given = upstream.answer({ method, target, fields: (headers ?? {}) as CaseFields });
        if (given === undefined) {
          handler.onResponseError?.(controller, new Error('down'));
          return;
        }
        const { status = 200, fields = {}, body = '' } = given;
        handler.onResponseStart?.(controller, status, { ...fields } as Record<string, string>, '');
        if (body !== '' && method !== 'HEAD' && status !== 304) {
          handler.onResponseData?.(controller, Buffer.from(body));
        }
        handler.onResponseEnd?.(controller, {});
      });
      return true;
    }
  })();
  const dispatcher = origin.compose(interceptors.cache({ type: 'shared' }));
  return {
    send: ({ method = 'GET', target = '/', fields = {}, player }) =>
      new Promise<CaseResult>((resolve) => {
        let head: Pick<CaseResult, 'status' | 'fields'> = { status: 0, fields: {} };
        const chunks: Buffer[] = [];
        const finish = () => resolve({ ...head, body: Buffer.concat(chunks).toString() });
        dispatcher.dispatch(
          {
            origin: 'http://upstream.test',
            path: target,
            method: method as Dispatcher.HttpMethod,
            headers: { ...fields, ...(player && { authorization: `Bearer ${player}` }) } as Record<
              string,
              string
            >,
          },
          {
            onRequestStart: () => {},
            onResponseStart: (_controller, status, given) => {
              head = { status, fields: given };
            },
            onResponseData: (_controller, chunk) => void chunks.push(Buffer.from(chunk)),
            onResponseEnd: finish,
            onResponseError: () => {
              head = { status: 503, fields: {} };
              finish();
            },
          },
        );
      }),
    close: () => {
      Date.now = realNow;
    },
  };
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ambiguousRequests } from '../support/ambiguous-requests.ts';
import { rawExchange } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

/** What handlers were called for. */
const reached: string[] = [];

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({
    backend: false,
    logLevel: 'info',
    proxy: {
      page: async (scope) => {
        for (const url of ['/', '/metrics']) {
          scope.route({
            method: ['GET', 'POST'],
            url,
            handler: async ({ method }) => {
              reached.push(`${method} ${url}`);
              return 'here';
            },
          });
        }
      },
    },
  });
});
afterAll(async () => await rig[Symbol.asyncDispose]());
beforeEach(() => reached.splice(0));

const behind = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

describe('B2 an ambiguous request', () => {
  it('is told from one that is not: two good ones in a row are both answered', async () => {
    const { text } = await rawExchange(rig, `GET / HTTP/1.1\r\nHost: localhost\r\n\r\n${behind}`);
    expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    expect(reached).toEqual(['GET /', 'GET /metrics']);
  });

  it.each(Object.entries(ambiguousRequests))(
    '%s: is refused, and the connection ends',
    async (_what, text) => {
      for (const input of [text, text + behind]) {
        const answer = await rawExchange(rig, input);
        expect(answer.text).toMatch(/^HTTP\/1\.1 (400|431|501|505) /);
        expect(answer.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
        expect(answer.isClosed).toBe(true);
        expect(reached).toEqual([]);
      }
      expect((await rig.request('/')).status).toBe(200);
    },
  );
});

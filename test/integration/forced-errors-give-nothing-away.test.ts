import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProxyRig } from '../support/proxy-rig.ts';

const secret = 'canary-of-an-error';

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({
    backend: false,
    logLevel: 'info',
    proxy: {
      page: async (scope) => {
        scope.get('/throws', async () => {
          throw new Error(`${secret} in ${import.meta.filename}`);
        });
        scope.get('/throws-with-a-status', async () => {
          throw Object.assign(new Error(secret), { statusCode: 418, code: secret, stack: secret });
        });
        scope.get('/throws-no-error', async () => {
          throw secret;
        });
      },
    },
  });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

describe('B19 an error of the server’s own', () => {
  it.each(['/throws', '/throws-with-a-status', '/throws-no-error'])(
    'at %s is a problem document with an id and no more; the log has the rest under that id',
    async (path) => {
      const { status, headers, body } = await rig.request(path);
      expect(status).toBe(500);
      const { requestId, ...rest } = JSON.parse(body) as { requestId: string };
      expect(requestId).toMatch(/^r_/);
      expect(rest).toMatchObject({ status: 500, code: 'internal' });
      expect(body + JSON.stringify(headers)).not.toMatch(/canary|node|fastify|\.ts|\bat \/|stack/i);
      expect(headers).not.toHaveProperty('server');
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(
        rig.log
          .split('\n')
          .filter((line) => line.includes(requestId))
          .join('\n'),
      ).toContain(secret);
    },
  );
});

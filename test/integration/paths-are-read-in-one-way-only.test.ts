import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Filters } from '../../src/proxy/policy/filters/filters.ts';
import { rawExchange, upgradeText } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

let rig: ProxyRig;
beforeAll(async () => {
  const filters = new Filters([
    { id: 'no-games', action: 'deny', kinds: ['GET /api/games'] },
    { id: 'no-play', action: 'deny', kinds: ['GET /play'] },
  ]);
  rig = await ProxyRig.start({ backend: false, logLevel: 'info', proxy: { policy: { filters } } });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

async function statusOf(target: string): Promise<{ status: number; text: string }> {
  const { text } = await rawExchange(
    rig,
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  );
  return { status: Number(/^HTTP\/1\.1 (\d+) /.exec(text)?.[1]), text };
}

describe('B5 a path', () => {
  it.each([
    ...['/api/..%2fmetrics', '/%2e%2e/', '/../', '/api/%2e%2e/api/games', '/api/./games', '/api/x/../games'],
    ...[
      '//evil.example/x',
      '///evil.example',
      '/\\evil.example',
      '\\..\\',
      '/api/\\..\\games',
      '/api//games',
    ],
    ...[
      '/%00',
      '/api/games%00',
      '/%c0%af',
      '/%c0%ae%c0%ae/',
      '/%ff',
      '/%',
      '/%zz',
      '/%2',
      '/api%2fgames',
      '/api%5cgames',
    ],
    ...['/api/..;/games', '/..;x/', '/#', '/api/games#x'],
    ...['https://evil.example/api/games', 'http:/api/games', 'evil.example/api/games', '*', '?x'],
  ])('%s can be read in two ways, and is refused', async (target) => {
    const { status, text } = await statusOf(target);
    expect(status).toBe(400);
    expect(text).not.toContain('evil');
    expect(text.toLowerCase()).not.toContain('\r\nlocation:');
  });

  it('of 8 KiB is served or not as any other; a longer one is refused', async () => {
    expect((await statusOf(`/${'x'.repeat(8_191)}`)).status).toBe(404);
    expect((await statusOf(`/${'x'.repeat(8_192)}`)).status).toBe(414);
  });

  it.each(['/api/games', '/%61pi/games', '/api/game%73', '/api/games?x=1'])(
    '%s is what a rule about it means',
    async (target) => {
      expect((await statusOf(target)).status).toBe(403);
    },
  );

  it.each(['/api/games/', '/API/games', '/api;x/games', '/api/games;x', '/api/games%20', '/api/games%3fx'])(
    '%s is something else, and is not served either',
    async (target) => {
      const { status, text } = await statusOf(target);
      expect(status).toBe(404);
      expect(text).not.toContain('tic-tac-toe');
    },
  );

  it.each(['/play/', '/Play', '/%70lay', '/play;x', '/play%20', '/play/..;/play'])(
    '%s is no way in for a WebSocket, round a rule or not',
    async (target) => {
      const { text } = await rawExchange(rig, upgradeText({}, `GET ${target} HTTP/1.1`));
      expect(text).toMatch(/^HTTP\/1\.1 (400|404) /);
    },
  );

  it.each(['/play', '/play?x=1'])('%s is, and the rule holds', async (target) => {
    const { text } = await rawExchange(rig, upgradeText({}, `GET ${target} HTTP/1.1`), {
      until: /no-play/,
    });
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    expect(text).toContain('"rule":"no-play"');
  });
});

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProxyRig } from '../support/proxy-rig.ts';

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start();
});
afterAll(async () => await rig[Symbol.asyncDispose]());

const open = '{"jsonrpc":"2.0","id":1,"method":"match.list","params":';
const bulk = 15_000;

describe('B17 hostile JSON', () => {
  it.each([
    ['nested deep', `${open}${'['.repeat(bulk)}${']'.repeat(1)}}`],
    ['nested deep in objects', `${open}${'{"a":'.repeat(bulk / 5)}`],
    ['a number without end', `${open}${'9'.repeat(bulk)}}`],
    ['a number too large', `${open}{"filter":1e400}}`],
    ['a name twice', `${open}{"filter":"mine","filter":"open"}}`],
    ['a name twice, once escaped', `${open}{"filter":"mine","f\\u0069lter":"open"}}`],
    ['__proto__', `${open}{"__proto__":{"polluted":true},"filter":"mine"}}`],
    ['__proto__, escaped', `${open}{"\\u005f_proto__":{"polluted":true},"filter":"mine"}}`],
    ['constructor.prototype', `${open}{"constructor":{"prototype":{"polluted":true}},"filter":"mine"}}`],
    ['a lone surrogate', `${open}{"filter":"\\ud800"}}`],
    ['a byte order mark', `\ufeff${open}{"filter":"mine"}}`],
    ['trailing bytes', `${open}{"filter":"mine"}} x`],
    ['two messages', `${open}{"filter":"mine"}}${open}{"filter":"mine"}}`],
    ['nothing', ''],
  ])('%s is a violation: told with id null, closed, and nothing else happens', async (_what, text) => {
    const player = await rig.player(`h${Math.random().toString(36).slice(2, 12)}`);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    player.send(text);
    expect(await player.closed).toEqual({ code: 4500, reason: 'violation' });
    delay.disable();
    expect(delay.max / 1e6).toBeLessThan(50);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    const [refusal, closing] = player.heard.slice(-2);
    expect(refusal).toMatchObject({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32700, data: { code: 'parse_error' } },
    });
    expect(closing).toMatchObject({ method: 'session.closing', params: { code: 4500, reconnect: false } });
  });

  it.each([
    ['nesting of 100,000 levels', '['.repeat(100_000)],
    ['a number of 1 MB', `${open}${'7'.repeat(1_000_000)}}`],
  ])('%s is too large to be looked at', async (_what, text) => {
    const player = await rig.player(`l${Math.random().toString(36).slice(2, 12)}`);
    player.send(text);
    expect((await player.closed).code).toBe(1009);
  });
});

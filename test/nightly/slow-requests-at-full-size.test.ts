import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitDefaults } from '../../src/settings/index.ts';
import { ProxyRig } from '../support/proxy-rig.ts';
import { slowHttpTest } from '../support/slow-http-test.ts';

let rig: ProxyRig;
beforeAll(async () => {
  // The program has one address for all of its connections, and asks from there whether the server lives.
  const strangers = { base: 1_000, perAccount: 0 };
  const limits = { ...limitDefaults, address: { ...limitDefaults.address, strangers } };
  rig = await ProxyRig.start({ backend: false, logLevel: 'info', proxy: { policy: { limits } } });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

describe('B12 slow requests', () => {
  it.each(['H', 'B', 'X'] as const)('slowhttptest -%s with 200 connections for a minute', async (mode) => {
    const url = `https://127.0.0.1:${rig.port}/`;
    expect(await slowHttpTest({ url, seconds: 60, connections: 200, perSecond: 50, mode })).toBe('YES');
  });
});

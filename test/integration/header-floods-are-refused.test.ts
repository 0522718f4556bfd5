import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { rawExchange, upgradeText } from '../support/proxy-raw.ts';

let castling: RunningCastling;
let at: { readonly port: number; readonly ca: string };
let worker = 0;
beforeAll(async () => {
  castling = await startCastling();
  at = { port: castling.port, ca: readFileSync(castling.ca, 'utf8') };
  worker = castling.pidOf('worker');
});
afterAll(async () => await castling[Symbol.asyncDispose]());

const behind = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
const get = (fields: string) => `GET / HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n\r\n`;
const many = (count: number, field: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => field(index)).join('\r\n');

describe('B18 a flood of header fields', () => {
  it.each([
    ['17 KiB in one field', get(`X-A: ${'x'.repeat(17 * 1024)}`), 431],
    ['17 KiB in one name', get(`${'x'.repeat(17 * 1024)}: a`), 431],
    ['3,000 fields', get(many(3_000, (index) => `X-${index}: a`)), 431],
    ['3,000 of one kind', get(many(3_000, () => 'X: a')), 431],
    ['3,000 empty ones', get(many(3_000, () => 'X:')), 431],
    ['65 fields', get(many(65, (index) => `X-${index}: a`)), 431],
    ['3,000 before an upgrade', upgradeText({ 'X-A': `a\r\n${many(3_000, () => 'X: a')}` }), 431],
    ['12 KB of subprotocols', upgradeText({ 'Sec-WebSocket-Protocol': 'castling.v1, '.repeat(1_000) }), 400],
    ['one subprotocol of 12 KB', upgradeText({ 'Sec-WebSocket-Protocol': 'x'.repeat(12_000) }), 400],
    ['12 KB of trailing spaces in a field', get(`X-A: a${' '.repeat(17 * 1024)}b`), 431],
  ])('%s: is refused, and what is behind it too', async (_what, text, status) => {
    const answer = await rawExchange(at, text + behind);
    expect(answer.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(answer.isClosed).toBe(true);
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'a field called %s is one like any other',
    async (name) => {
      const { text } = await rawExchange(at, get(`${name}: polluted\r\n${name}: twice\r\nConnection: close`));
      expect(text).toMatch(/^HTTP\/1\.1 200 /);
      const upgrade = await rawExchange(at, upgradeText({ [name]: 'polluted' }), { until: /\r\n\r\n/ });
      expect(upgrade.text).toMatch(/^HTTP\/1\.1 101 /);
      expect(text + upgrade.text).not.toContain('polluted');
    },
  );

  it('the process that took them all is the same, and serves', async () => {
    expect((await rawExchange(at, behind)).text).toMatch(/^HTTP\/1\.1 200 /);
    expect(castling.pidOf('worker')).toBe(worker);
    expect(castling.output()).not.toContain('a worker died');
  });
});

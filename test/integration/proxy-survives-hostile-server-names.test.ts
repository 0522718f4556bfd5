import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { helloWithName } from '../support/hello-with-name.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

const unrecognizedName = 112;
const text = (name: string) => Buffer.from(name, 'utf8');

describe('A7 hostile server names', () => {
  let castling: RunningCastling;
  beforeAll(async () => {
    castling = await startCastling();
  });
  afterAll(async () => await castling[Symbol.asyncDispose]());

  it('get the default certificate or a refusal, and the process lives on', async () => {
    // The worker does TLS; the primary would only start another one.
    const pids = [castling.pidOf('proxy'), castling.pidOf('worker')];
    const names: readonly (Buffer | undefined)[] = [
      undefined,
      text(''),
      text('localhost'),
      text('unknown.example'),
      text('192.0.2.1'),
      text('::1'),
      text('[::1]'),
      text('__proto__'),
      text('constructor'),
      text('hasOwnProperty'),
      text('bücher.example'),
      Buffer.from([0xff, 0xfe, 0x80]),
      text('a\u0000b.example'),
      text('\u0000'),
      text('.'),
      text('..'),
      text('*.example'),
      text('('),
      text('x'.repeat(255)),
      text('x'.repeat(256)),
      text('x.'.repeat(5_000)),
    ];
    for (const name of names) {
      const shown = await helloWithName(castling.port, name);
      const what = `${name?.subarray(0, 20).toString('latin1')}`;
      if ('certificate' in shown) {
        expect(shown.certificate.subjectAltName, what).toContain('DNS:localhost');
      } else {
        expect([unrecognizedName, 50], what).toContain(shown.alert);
      }
    }
    const ordinary = await helloWithName(castling.port, text('localhost'));
    expect(ordinary).toHaveProperty('certificate');
    expect([castling.pidOf('proxy'), castling.pidOf('worker')]).toEqual(pids);
    expect(castling.output()).not.toMatch(/died|uncaught/i);
  });
});

describe('A7 certificates by name', () => {
  let rig: ProxyRig;
  beforeAll(async () => {
    rig = await ProxyRig.start({
      backend: false,
      certificates: [
        { name: 'wild', dns: '*.club.example' },
        { name: 'play', dns: 'play.club.example,DNS:other.example' },
      ],
    });
  });
  afterAll(async () => await rig[Symbol.asyncDispose]());

  it.each([
    ['localhost', 'localhost'],
    ['chess.club.example', '*.club.example'],
    ['play.club.example', 'play.club.example, DNS:other.example'],
    ['PLAY.club.EXAMPLE', 'play.club.example, DNS:other.example'],
    ['other.example', 'play.club.example, DNS:other.example'],
    ['a.b.club.example', 'localhost'],
    ['nobody.example', 'localhost'],
  ])('%s is shown the certificate of %s', async (servername, expected) => {
    const names = await new Promise((resolve, reject) => {
      const socket = connect(
        { host: '127.0.0.1', port: rig.port, servername, ca: rig.ca, checkServerIdentity: () => undefined },
        () => {
          resolve(socket.getPeerX509Certificate()?.subjectAltName);
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });
    expect(names).toMatch(new RegExp(`^DNS:${RegExp.escape(expected)}`));
  });
});

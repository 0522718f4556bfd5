import type { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { freePorts } from '../support/free-ports.ts';
import { LinkCertificates } from '../support/link-certificates.ts';
import { rawExchange, upgradeText } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

const field = /\r\nstrict-transport-security: (.*)\r\n/i;
const twoYears = 'max-age=63072000; includeSubDomains';

describe('A10 HSTS under a certificate of the operator’s', () => {
  let rig: ProxyRig;
  let token: string;
  beforeAll(async () => {
    const page = async (scope: import('fastify').FastifyInstance) => {
      scope.get('/broken', async () => {
        throw new Error('on purpose');
      });
      scope.get('/', async () => 'a page');
    };
    rig = await ProxyRig.start({ proxy: { page } });
    token = (await rig.register('ada')).access_token;
  });
  afterAll(async () => await rig[Symbol.asyncDispose]());

  it.each([
    ['200', 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['401', 'GET /auth/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['404', 'GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['500', 'GET /broken HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['400', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['400', 'not HTTP\r\n\r\n'],
    ['403', upgradeText({ Origin: 'https://evil.example' })],
    ['426', upgradeText({ 'Sec-WebSocket-Version': '8' })],
  ])('is on the answer %s', async (status, text) => {
    const answer = await rawExchange(rig, text);
    expect(answer.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(field.exec(answer.text)?.[1]).toBe(twoYears);
  });

  it('is on the answer 101', async () => {
    const answer = await rawExchange(rig, upgradeText({ Authorization: `Bearer ${token}` }), {
      until: /\r\n\r\n/,
    });
    expect(answer.text).toMatch(/^HTTP\/1\.1 101 /);
    expect(field.exec(answer.text)?.[1]).toBe(twoYears);
  });

  it('and plain HTTP on that port is refused without harm', async () => {
    const text = await new Promise<string>((resolve) => {
      let heard = '';
      const socket = connect(rig.port, '127.0.0.1', () =>
        socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
      );
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        heard += chunk;
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(heard));
    });
    expect(text).not.toContain('HTTP/1.1 200');
    expect((await rig.request('/')).status).toBe(200);
  });
});

describe('A10 a Castling whose operator sets it', () => {
  let castling: RunningCastling;
  let plainPort = 0;
  const own = new LinkCertificates();
  const settingsFile = () => join(castling.folder, 'data', 'castling.yaml');
  beforeAll(async () => {
    own.issue({ name: 'club', issuer: 'ca', usage: 'serverAuth', dns: 'play.club.example' });
    [plainPort = 0] = await freePorts(1);
    castling = await startCastling({ args: ['--set', `tls.plainHttpPort=${plainPort}`] });
  });
  afterAll(async () => {
    await castling[Symbol.asyncDispose]();
    own.remove();
  });

  /** The head of an answer to somebody who asks for this server name, and the certificate that was shown. */
  function ask(servername: string): Promise<{ text: string; names: string | undefined }> {
    return new Promise((resolve, reject) => {
      let text = '';
      const ca = [readFileSync(castling.ca, 'utf8'), own.read('ca.pem')];
      const socket = tlsConnect({ host: '127.0.0.1', port: castling.port, servername, ca }, () => {
        socket.write(`GET / HTTP/1.1\r\nHost: ${servername}\r\nConnection: close\r\n\r\n`);
      });
      const leaf = () => socket.getPeerX509Certificate() as X509Certificate | undefined;
      let names: string | undefined;
      socket.once('secureConnect', () => {
        names = leaf()?.subjectAltName;
      });
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk;
      });
      socket.on('error', reject).on('close', () => resolve({ text, names }));
    });
  }

  function plain(
    method: string,
    path: string,
  ): Promise<{ status: number; headers: NodeJS.Dict<string | string[]> }> {
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        { host: '127.0.0.1', port: plainPort, method, path, agent: false },
        (response) => {
          response.resume();
          resolve({ status: response.statusCode ?? 0, headers: response.headers });
        },
      );
      sent.on('error', reject).end();
    });
  }

  it('sends no HSTS for localhost under the development certificate', async () => {
    const { text } = await ask('localhost');
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).not.toMatch(field);
    expect(text).toMatch(/x-content-type-options: nosniff/i);
  });

  it('sends a page asked for in the clear to HTTPS, and refuses the rest', async () => {
    const page = await plain('GET', '/');
    expect(page.status).toBe(308);
    expect(page.headers.location).toBe(`https://127.0.0.1:${castling.port}/`);
    expect(page.headers).not.toHaveProperty('strict-transport-security');
    for (const [method, path] of [
      ['GET', '/api/games'],
      ['POST', '/auth/login'],
      ['POST', '/'],
    ] as const) {
      const refused = await plain(method, path);
      expect(refused.status).toBe(403);
      expect(refused.headers).not.toHaveProperty('location');
    }
  });

  it('takes certificates by name and another max-age from a changed settings file, and refuses a file with a bad pair whole', async () => {
    const settings = (key: string, maxAge: string) => `
tls:
  certificates:
    - { cert: ${join(castling.folder, 'certs', 'proxy.pem')}, key: ${join(castling.folder, 'certs', 'proxy-key.pem')} }
    - { cert: ${own.path('club.pem')}, key: ${own.path(key)} }
  hsts:
    maxAge: ${maxAge}
    includeSubDomains: false
`;
    expect((await ask('play.club.example').catch(() => undefined))?.names).toBeUndefined();
    writeFileSync(settingsFile(), settings('club-key.pem', '5m'));
    await expect
      .poll(async () => (await ask('play.club.example').catch(() => undefined))?.names, { timeout: 20_000 })
      .toBe('DNS:play.club.example');
    const answer = await ask('play.club.example');
    expect(field.exec(answer.text)?.[1]).toBe('max-age=300');
    expect((await ask('localhost')).text).not.toMatch(field);

    writeFileSync(settingsFile(), settings('link-client-key.pem', '10m'));
    await expect.poll(() => castling.output(), { timeout: 20_000 }).toMatch(/New settings are refused/);
    expect(field.exec((await ask('play.club.example')).text)?.[1]).toBe('max-age=300');
  });
});

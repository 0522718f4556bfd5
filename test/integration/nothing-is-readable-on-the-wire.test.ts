import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectPlainly } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CastlingApart, startCastlingApart } from '../support/castling-apart.ts';
import { observe, type Player, playToTheEnd, registerPlayer } from '../support/player.ts';
import { startTcpTap, type TcpTap } from '../support/tcp-tap.ts';

const run = promisify(execFile);

describe('F1 a byte tap on both hops', () => {
  let castling: CastlingApart<TcpTap>;
  let playerTap: TcpTap;
  let ada: Player;
  let grace: Player;

  beforeAll(async () => {
    castling = await startCastlingApart(({ backendPort }) => startTcpTap({ port: backendPort }));
    playerTap = await startTcpTap({ port: castling.port });

    const server = { url: `https://localhost:${playerTap.port}`, ca: castling.ca };
    ada = await registerPlayer(server, { name: 'canary-ada', password: 'canary password one' });
    grace = await registerPlayer(server, { name: 'canary-grace', password: 'canary password two' });
    const first = await ada.connection.createMatch({ game: 'tic-tac-toe' });
    const second = await grace.connection.joinMatch({ code: first.code ?? '' });
    const views = [observe(first), observe(second)];
    await Promise.all([playToTheEnd(first), playToTheEnd(second)]);
    await Promise.all(views.map(({ over }) => over));
    expect(first.state.status).toBe('over');
  });

  afterAll(async () => {
    ada?.connection.close();
    grace?.connection.close();
    await playerTap?.close();
    await castling?.stop();
  });

  it('sees bytes, and no move, name, password or token in them', () => {
    const secrets = [
      'canary',
      ada.accessToken,
      ada.refreshToken,
      grace.accessToken.split('.')[1] ?? '',
      'match.move',
      'tic-tac-toe',
      'moved',
      'jsonrpc',
    ];
    for (const tap of [playerTap, castling.middle]) {
      const bytes = tap.bytes();
      expect(bytes.length).toBeGreaterThan(3000);
      for (const secret of secrets) {
        expect(secret.length).toBeGreaterThan(4);
        expect(bytes.includes(secret), secret).toBe(false);
      }
    }
  });

  it('openssl agrees on TLS 1.3', async () => {
    const client = run('openssl', [
      's_client',
      '-connect',
      `127.0.0.1:${castling.port}`,
      '-brief',
      '-CAfile',
      castling.ca,
    ]);
    client.child.stdin?.end();
    const { stdout, stderr } = await client;
    expect(stdout + stderr).toMatch(/Protocol version: TLSv1\.3/);
    expect(stdout + stderr).toMatch(/Verification: OK/);
  });

  it('a client that speaks plain HTTP gets nothing', async () => {
    const socket = connectPlainly(castling.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
    await once(socket, 'close');
    expect(Buffer.concat(chunks).toString('latin1')).not.toContain('HTTP/1.1 200');
  });

  it('a link client without a certificate hears nothing', async () => {
    const socket = connectTls({
      port: castling.linkPort,
      host: '127.0.0.1',
      servername: 'backend.castling.internal',
      ca: readFileSync(castling.ca),
      ALPNProtocols: ['castling-link/1'],
    });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const failed = once(socket, 'error');
    const [error] = await failed;
    expect(String(error)).toMatch(/certificate required|ECONNRESET|handshake/i);
    expect(chunks).toEqual([]);
  });
});

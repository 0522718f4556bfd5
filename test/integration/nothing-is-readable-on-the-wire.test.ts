import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectPlainly } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts, untilReady } from '../support/castling.ts';
import { observe, type Player, playToTheEnd, registerPlayer } from '../support/player.ts';
import { startTcpTap, type TcpTap } from '../support/tcp-tap.ts';

const run = promisify(execFile);
const bin = new URL('../../scripts/castling.js', import.meta.url).pathname;

describe('F1 a byte tap on both hops', () => {
  const folder = mkdtempSync(join(tmpdir(), 'castling-tap-'));
  const certs = join(folder, 'certs');
  const processes: ReturnType<typeof spawn>[] = [];
  let playerTap: TcpTap;
  let linkTap: TcpTap;
  let ports: { readonly port: number; readonly link: number };
  let ada: Player;
  let grace: Player;

  beforeAll(async () => {
    const [port = 0, link = 0, admin = 0] = await freePorts(3);
    ports = { port, link };
    await run(process.execPath, [bin, 'certs', '--certs', certs]);
    linkTap = await startTcpTap({ port: link });
    playerTap = await startTcpTap({ port });
    const data = join(folder, 'data');
    const start = (...args: string[]) => {
      const child = spawn(process.execPath, [bin, ...args, '--data', data, '--certs', certs], {
        stdio: 'ignore',
      });
      processes.push(child);
    };
    start('backend', '--link-port', String(link));
    start(
      'proxy',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--admin-port',
      String(admin),
      '--link',
      `127.0.0.1:${linkTap.port}`,
    );
    await untilReady({ adminPort: admin });

    const server = { url: `https://localhost:${playerTap.port}`, ca: join(certs, 'ca.pem') };
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
    await Promise.all(
      processes.map(async (child) => {
        if (child.exitCode === null) {
          child.kill('SIGTERM');
          await once(child, 'exit');
        }
      }),
    );
    await Promise.all([playerTap.close(), linkTap.close()]);
    rmSync(folder, { recursive: true, force: true });
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
    for (const tap of [playerTap, linkTap]) {
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
      `127.0.0.1:${ports.port}`,
      '-brief',
      '-CAfile',
      join(certs, 'ca.pem'),
    ]);
    client.child.stdin?.end();
    const { stdout, stderr } = await client;
    expect(stdout + stderr).toMatch(/Protocol version: TLSv1\.3/);
    expect(stdout + stderr).toMatch(/Verification: OK/);
  });

  it('a client that speaks plain HTTP gets nothing', async () => {
    const socket = connectPlainly(ports.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
    await once(socket, 'close');
    expect(Buffer.concat(chunks).toString('latin1')).not.toContain('HTTP/1.1 200');
  });

  it('a link client without a certificate hears nothing', async () => {
    const socket = connectTls({
      port: ports.link,
      host: '127.0.0.1',
      servername: 'backend.castling.internal',
      ca: readFileSync(join(certs, 'ca.pem')),
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

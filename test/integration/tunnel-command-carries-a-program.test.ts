import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliProcess, runCli } from '../support/cli-process.ts';
import { TcpUpstream } from '../support/tcp-upstream.ts';
import { TunnelRig, tcpRoute } from '../support/tunnel-rig.ts';

const password = 'correct horse battery';
/** Half of it must be enough for a fresh one, on a busy machine too. */
const tokenSeconds = 12;
const home = mkdtempSync(join(tmpdir(), 'castling-tunnel-command-'));
let upstream: TcpUpstream;
let rig: TunnelRig;
let cli: { home: string; url: string; certs: string };
let tunnel: CliProcess;
let port: number;

beforeAll(async () => {
  upstream = await TcpUpstream.start();
  rig = await TunnelRig.start({
    upstreams: [],
    rig: {
      auth: { accessTokenSeconds: tokenSeconds },
      proxy: {
        tunnels: {
          operators: [],
          routes: [
            tcpRoute({ upstreams: [upstream] }),
            tcpRoute({ upstreams: [upstream], route: { name: 'staff', allow: 'operators' } }),
          ],
        },
      },
    },
  });
  cli = { home, url: rig.proxy.url, certs: rig.proxy.certificates.folder };
  const input = `${password}\n`;
  expect((await runCli(['register', 'ada', '--password-stdin'], { ...cli, input })).stderr).toBe('');
  tunnel = new CliProcess(['tunnel', 'board', '--listen', '0', '--json'], cli);
  const [line] = await tunnel.sees(/.*"listening".*/);
  port = Number((JSON.parse(line) as { address: string }).address.split(':')[1]);
});
afterAll(async () => {
  tunnel.child.kill('SIGKILL');
  await tunnel.done;
  await rig[Symbol.asyncDispose]();
  await upstream.close();
  rmSync(home, { recursive: true });
});

/** A connection of a program on the player's machine, and what the server's program has of it. */
async function open(): Promise<{ local: Socket; program: Socket }> {
  const arriving = upstream.connection();
  const local = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  local.on('error', () => {});
  const program = await arriving;
  // From here on the tunnel stands: the proxy has heard that its connection does.
  program.write('?');
  await once(local, 'data');
  local.pause();
  return { local, program };
}

async function hashOf(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  socket.on('data', (chunk: Buffer) => hash.update(chunk));
  socket.resume();
  await once(socket, 'end');
  return hash.digest('hex');
}
const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('castling tunnel', () => {
  it('carries every byte both ways at once, past readers that are slow, and ends each direction by itself', async () => {
    const { local, program } = await open();
    const [up, down] = [randomBytes(24_000_000), randomBytes(24_000_000)];
    program.pause();
    local.end(up);
    program.end(down);
    // Nobody reads: what the machines on the way keep is bounded, so both writers are held up.
    await sleep(300);
    expect([local.writableLength, program.writableLength].every((length) => length > 0)).toBe(true);
    const [arrived, back] = await Promise.all([hashOf(program), hashOf(local)]);
    expect([arrived, back]).toEqual([hash(up), hash(down)]);
    await tunnel.sees(/"number":1,"state":"ended","up":24000000,"down":24000001/);
  });

  it('resets the program here when the server’s breaks off, and the server’s when the one here does', async () => {
    const first = await open();
    const reset = once(first.local, 'error');
    first.program.resetAndDestroy();
    expect((await reset)[0]).toMatchObject({ code: 'ECONNRESET' });
    await tunnel.sees(/"number":2,"state":"broken","code":"upstream_lost"/);
    const second = await open();
    const other = once(second.program, 'error');
    second.local.resetAndDestroy();
    expect((await other)[0]).toMatchObject({ code: 'ECONNRESET' });
    await tunnel.sees(/"number":3,"state":"broken"/);
  });

  it('keeps connections beyond the life of the token with which they began', async () => {
    const { local, program } = await open();
    program.pipe(program);
    const until = performance.now() + (tokenSeconds + 1) * 1_000;
    for (let move = 0; performance.now() < until; move = (move + 1) % 10) {
      local.write(String(move));
      local.resume();
      const [echo] = (await once(local, 'data')) as [Buffer];
      expect(echo.toString()).toBe(String(move));
      await sleep(200);
    }
    local.end();
    await once(local, 'end');
  });

  it('says in a sentence why it cannot begin', async () => {
    const refused = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCli(['tunnel', ...args], cli);
      return [code > 0, stdout, stderr.trim().split('\n').length, stderr] as const;
    };
    const [nowhere, staff, taken] = await Promise.all([
      refused('nowhere', '--listen', '0'),
      refused('staff', '--listen', '0'),
      refused('board', '--listen', String(port)),
    ]);
    expect(nowhere).toEqual([true, '', 1, expect.stringContaining('There is no route nowhere')]);
    expect(staff).toEqual([true, '', 1, expect.stringContaining('You may not use the route staff')]);
    expect(taken).toEqual([true, '', 1, expect.stringContaining('--listen')]);
  });

  it('B8 is cut when its session ends, and then ends itself with the reason', async () => {
    const { local } = await open();
    const reset = once(local, 'error');
    const signIn = await rig.proxy.request('/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'ada', password }),
    });
    const { access_token: token } = JSON.parse(signIn.body) as { access_token: string };
    const start = performance.now();
    await rig.proxy.request('/auth/logout?scope=others', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect((await reset)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(await tunnel.done).toBeGreaterThan(0);
    expect(tunnel.objects.at(-1)).toMatchObject({ type: 'error', code: 'not_signed_in' });
    await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

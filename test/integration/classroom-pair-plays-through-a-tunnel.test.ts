import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliProcess, runCli } from '../support/cli-process.ts';
import { freePorts } from '../support/free-ports.ts';
import { startTcpTap, type TcpTap } from '../support/tcp-tap.ts';
import { TunnelRig, tcpRoute } from '../support/tunnel-rig.ts';

const example = new URL('../../examples/classroom/', import.meta.url).pathname;
/** Ends in a draw, by the answers that the server gives. */
const moves = ['1', '2', '7', '6', '8'];
const reads = ['>1', '<5', '>2', '<3', '>7', '<9', '>6', '<4', '>8'];

class Program {
  readonly child: ChildProcessWithoutNullStreams;
  output = '';
  readonly ended: Promise<unknown>;

  constructor(file: string, ...args: readonly (string | number)[]) {
    this.child = spawn(process.execPath, [join(example, file), ...args.map(String)]);
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    this.ended = once(this.child, 'close');
  }

  async sees(text: string): Promise<void> {
    while (!this.output.includes(text)) await once(this.child.stdout, 'data');
  }
}

/** A game of the pair, the client connecting to `port`; gives what both printed. */
async function play(server: Program, port: number): Promise<{ client: string; server: string }> {
  const client = new Program('client.js', port);
  client.child.stdin.end(moves.map((move) => `${move}\n`).join(''));
  await Promise.all([client.ended, server.ended]);
  return { client: client.output, server: server.output.replace(/port \d+/, 'port P') };
}

async function startServer(): Promise<{ server: Program; port: number }> {
  const [port = 0] = await freePorts(1);
  const server = new Program('server.js', port);
  await server.sees('Waiting');
  return { server, port };
}

describe('the classroom pair', () => {
  const home = mkdtempSync(join(tmpdir(), 'castling-classroom-test-'));
  const taps: TcpTap[] = [];
  let rig: TunnelRig;

  beforeAll(async () => {
    rig = await TunnelRig.start({ upstreams: [] });
  });
  afterAll(async () => {
    for (const tap of taps) await tap.close();
    await rig[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  it('plays through tunnel, TLS and sign-in as it plays without them, byte for byte and read for read', async () => {
    const tapped = async (port: number) => {
      const tap = await startTcpTap({ port });
      taps.push(tap);
      return tap;
    };
    const direct = await startServer();
    const directTap = await tapped(direct.port);
    const directGame = await play(direct.server, directTap.port);

    const far = await startServer();
    const farTap = await tapped(far.port);
    rig.proxy.proxy.routeTunnels({ operators: [], routes: [tcpRoute({ upstreams: [farTap] })] });
    const cli = { home, url: rig.proxy.url, certs: rig.proxy.certificates.folder };
    const registered = await runCli(['register', 'ada', '--password-stdin'], {
      ...cli,
      input: 'correct horse battery\n',
    });
    expect(registered.stderr).toBe('');
    const tunnel = new CliProcess(['tunnel', 'board', '--listen', '127.0.0.1:0', '--json'], cli);
    const [line] = await tunnel.sees(/.*"listening".*/);
    const { address } = JSON.parse(line) as { address: string };
    const nearTap = await tapped(Number(address.split(':')[1]));
    const tunnelled = await play(far.server, nearTap.port);
    await tunnel.sees('"ended"');

    expect(directGame.client).toContain('Result: draw');
    expect(tunnelled).toEqual(directGame);
    expect(directTap.reads.filter((each) => !each.endsWith('end'))).toEqual(reads);
    expect(nearTap.reads).toEqual(directTap.reads);
    expect(farTap.reads).toEqual(directTap.reads);
    expect(tunnel.objects.at(-1)).toMatchObject({ type: 'connection', number: 1, up: 5, down: 4 });
    tunnel.child.kill('SIGINT');
    expect(await tunnel.done).toBe(0);
    expect(tunnel.stderr).toBe('');
    // What the program is told and what the log keeps of it says nothing of the player but a pseudonym.
    expect((await rig.ended(1))[0]).toMatchObject({ route: 'board', end: 'done', bytesUp: 5, bytesDown: 4 });
  });

  it('is started by one command, which leaves nothing behind', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('castling-classroom-')).length;
    const start = new Program('start.js');
    start.child.stdin.end(moves.map((move) => `${move}\n`).join(''));
    expect(await start.ended).toEqual([0, null]);
    expect(start.output).toContain('Result: draw');
    expect(start.output).toMatch(/5\. The server saw:[\s\S]*The other player takes 8\./);
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('castling-classroom-')).length;
    expect(after).toBe(before);
  });
});

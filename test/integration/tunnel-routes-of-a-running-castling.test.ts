import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountHttp } from '../../src/client/account-http.ts';
import { AuthClient } from '../../src/client/auth-client.ts';
import { askControlForAll, type ControlRoute } from '../../src/process/control/index.ts';
import type { UpstreamReport } from '../../src/proxy/routes/route-control.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { trust } from '../support/player.ts';
import { TcpUpstream } from '../support/tcp-upstream.ts';
import { TunnelClient } from '../support/tunnel-client.ts';

const launcher = new URL('../../scripts/castling.js', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'castling-tunnel-routes-'));
const file = join(folder, 'castling.yaml');
const clients: TunnelClient[] = [];
const tokens = new Map<string, string>();
let castling: RunningCastling;
let one: TcpUpstream;
let other: TcpUpstream;

/** The settings: a route to these upstreams, or none. */
function write(upstreams: readonly TcpUpstream[], more = ''): void {
  const list = upstreams.map(({ port }) => `{ address: 127.0.0.1:${port} }`).join(', ');
  const route = `  - { name: board, kind: tcp, upstreams: [${list}], balance: { slowStart: 0s }${more} }\n`;
  writeFileSync(`${file}.next`, upstreams.length === 0 ? 'routes: []\n' : `routes:\n${route}`);
  renameSync(`${file}.next`, file);
}

async function ask<Value>(question: ControlRoute, body?: object): Promise<Value[]> {
  return await askControlForAll<Value>(question, { data: join(castling.folder, 'data'), body });
}

async function change(upstreams: readonly TcpUpstream[], more = ''): Promise<void> {
  write(upstreams, more);
  expect(await ask('POST /config/reload')).toMatchObject([{ restart: [] }]);
}

function dial(name = 'ada'): TunnelClient {
  const token = tokens.get(name) ?? '';
  const ca = readFileSync(castling.ca, 'utf8');
  const client = new TunnelClient({ url: castling.url, ca, route: 'board', token });
  clients.push(client);
  return client;
}

/** A tunnel that works; tries again while processes begin anew. */
async function open(): Promise<TunnelClient> {
  for (;;) {
    const client = dial();
    const ready = await client.opened
      .then(() => client.ready())
      .then(
        () => true,
        () => false,
      );
    if (ready) return client;
    await sleep(50);
  }
}

/** Connections that each upstream gets of so many tunnels, which are closed afterwards. */
async function spread(count: number): Promise<[one: number, other: number]> {
  const before = [one.connections.length, other.connections.length] as const;
  const opened: TunnelClient[] = [];
  for (let number = 0; number < count; number += 1) opened.push(await open());
  for (const client of opened) client.close();
  await Promise.all(opened.map(({ closed }) => closed));
  return [one.connections.length - before[0], other.connections.length - before[1]];
}

async function says(client: TunnelClient, text: string): Promise<void> {
  client.send(text);
  await client.until(() => client.bytes.toString().endsWith(text));
}

beforeAll(async () => {
  [one, other] = [await TcpUpstream.echo(), await TcpUpstream.echo()];
  write([one]);
  castling = await startCastling({ args: ['--settings', file] });
  trust(castling);
  for (const name of ['ada', 'grace']) {
    const accounts = new AuthClient(new AccountHttp({ origin: castling.url }));
    const grant = await accounts.register({ name, password: 'correct horse battery' });
    tokens.set(name, grant.accessToken);
  }
});
afterAll(async () => {
  for (const client of clients) client.close();
  await castling[Symbol.asyncDispose]();
  for (const upstream of [one, other]) await upstream.close();
  rmSync(folder, { recursive: true });
});

describe('a settings file that changes while tunnels are open', () => {
  it('sends new tunnels elsewhere, and leaves those that there are', async () => {
    const stays = await open();
    await change([other]);
    await says(stays, 'as before');
    expect(await spread(2)).toEqual([0, 2]);
    await says(stays, 'and after');
    stays.close();
  });

  it('lets nobody in to a route that is gone, while its tunnels go on; back again, it governs them', async () => {
    const stays = await open();
    await change([]);
    await expect(dial().opened).rejects.toThrow('404');
    await says(stays, 'still here');
    await change([other], ', allow: listed, accounts: [grace]');
    expect((await stays.closed).reason).toBe('route_refused');
    const grace = dial('grace');
    await grace.ready();
    grace.close();
  });

  it('lowers limits for tunnels that come, and is refused whole when it is bad', async () => {
    await change([one], ', limits: { tunnelsPerPlayer: 1 }');
    const mine = await open();
    const second = dial();
    expect((await second.closed).reason).toBe('player_full');
    write([one, one]);
    const [outcome] = await ask<{ kind: string }>('POST /config/reload');
    expect(outcome?.kind).toBe('refused');
    await says(mine, 'unmoved');
    mine.close();
  });
});

describe('an upstream that an operator drains', () => {
  const drained = () => ({ route: 'board', upstream: `127.0.0.1:${other.port}` });
  /** As soon as an operator can be answered. */
  const isDrained = async (): Promise<boolean | undefined> => {
    for (;;) {
      const reports = await ask<UpstreamReport>('GET /routes').catch(() => []);
      if (reports.length > 0) {
        return reports.flat().find(({ upstream }) => upstream === drained().upstream)?.draining;
      }
      await sleep(50);
    }
  };
  /** Ends a process without a word, and waits for the one that is begun in its place. */
  const replaceByDeath = async (role: 'worker' | 'proxy'): Promise<void> => {
    const pid = castling.pidOf(role);
    await castling.kill(role);
    const next = () => {
      try {
        return castling.pidOf(role);
      } catch {
        return pid;
      }
    };
    while (next() === pid) await sleep(20);
  };

  it('stays drained when the workers are replaced, which first write down what players have used', async () => {
    await change([one, other]);
    expect((await spread(4))[1]).toBeGreaterThan(0);
    expect(await ask('POST /routes/drain', drained())).toMatchObject([{ ...drained(), draining: true }]);
    const client = await open();
    await says(client, 'seven..');
    client.close();
    expect(await ask('POST /reload')).toHaveLength(1);
    expect(await spread(2)).toEqual([2, 0]);

    const [ada, grace] = await usage();
    expect(ada).toMatchObject({ name: 'ada', route: 'board' });
    expect(ada?.bytesUp).toBeGreaterThanOrEqual('seven..'.length);
    expect(ada?.connections).toBeGreaterThan(5);
    expect(grace).toMatchObject({ name: 'grace', route: 'board', connections: 1, bytesUp: 0, bytesDown: 0 });
    const [today] = await usage('ada', '--days', '2');
    expect(today).toMatchObject({ day: new Date().toISOString().slice(0, 10), route: 'board' });
    const metrics = await (await fetch(`http://127.0.0.1:${castling.adminPort}/metrics`)).text();
    expect(metrics).toMatch(/castling_tunnel_players\{[^}]*route="board"/);
    expect(metrics).not.toMatch(/"ada"|"grace"/);
  });

  it('stays drained when its worker dies, and when the proxy begins anew, until the operator ends that', async () => {
    await replaceByDeath('worker');
    expect(await spread(2)).toEqual([2, 0]);
    await replaceByDeath('proxy');
    expect(await isDrained()).toBe(true);
    expect(await spread(2)).toEqual([2, 0]);
    await ask('POST /routes/undrain', drained());
    await replaceByDeath('worker');
    expect((await spread(4))[1]).toBeGreaterThan(0);
    expect(await isDrained()).toBe(false);
  });
});

interface Usage {
  readonly name?: string;
  readonly connections: number;
  readonly bytesUp: number;
}

/** What `castling admin usage` prints. */
async function usage(...args: readonly string[]): Promise<Usage[]> {
  const all = ['admin', 'usage', ...args, '--json', '--data', join(castling.folder, 'data')];
  const { stdout } = await promisify(execFile)(process.execPath, [launcher, ...all]);
  const lines = stdout.split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Usage);
}

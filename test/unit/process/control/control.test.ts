import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  askControl,
  askControlForAll,
  type ControlHandler,
  type ControlRoute,
  ControlRoutes,
  ControlServer,
  controlPath,
} from '../../../../src/process/control/index.ts';
import { createLogger } from '../../../../src/process/logger.ts';
import { OperatorError } from '../../../../src/process/operator-error.ts';

type Handlers = { readonly [route in ControlRoute]?: ControlHandler };

let data: string;
let lines: string[];
const open: ControlServer[] = [];

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'castling-control-'));
  lines = [];
});
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
  await rm(data, { recursive: true, force: true });
});

const logger = createLogger({
  name: 'test',
  pretty: false,
  destination: { write: (line: string) => void lines.push(line) },
});

async function serve(handlers: Handlers = {}, requestMs = 5_000): Promise<ControlServer> {
  const routes = new ControlRoutes({ from: 'proxy', logger });
  for (const [route, handler] of Object.entries(handlers)) {
    routes.add(route as ControlRoute, handler as ControlHandler);
  }
  const server = new ControlServer({ find: (route) => routes.find(route), logger, requestMs });
  open.push(server);
  await server.listen(controlPath(data));
  return server;
}

/** A raw request, for what the client of ours never sends. */
function raw(method: string, path: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: controlPath(data), method, path, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode ?? 0, text });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

describe('the control socket', () => {
  it('answers with a value, and takes a query and a body', async () => {
    await serve({
      'GET /status': () => ({ ready: true }),
      'POST /echo': ({ query, body }) => Promise.resolve({ query, body }),
      'POST /nothing': () => undefined,
    });
    expect(await askControlForAll('GET /status', { data })).toEqual([{ ready: true }]);
    const question = { data, query: { a: 'b c', d: 'é&=' }, body: { list: [1, 'ü'] } };
    expect(await askControlForAll('POST /echo', question)).toEqual([
      { query: { a: 'b c', d: 'é&=' }, body: { list: [1, 'ü'] } },
    ]);
    expect(await askControlForAll('POST /nothing', { data })).toEqual([null]);
  });

  it('streams values for as long as the asker stays, and tells the handler when it has gone', async () => {
    const gone = Promise.withResolvers<void>();
    await serve({
      async *'GET /count'({ signal }) {
        signal.addEventListener('abort', () => gone.resolve());
        for (let count = 1; ; count += 1) {
          yield count;
          if (count === 3) await gone.promise;
          if (signal.aborted) return;
        }
      },
    });
    const seen: unknown[] = [];
    for await (const answer of askControl('GET /count', { data })) {
      seen.push(answer);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([1, 2, 3].map((value) => ({ from: 'proxy', value })));
    await gone.promise;
  });

  it('tells an operator’s mistake by its sentence, and a fault of its own only to the log', async () => {
    await serve({
      'POST /refused': () => {
        throw new OperatorError('usage', 'There is no route of that name.');
      },
      'POST /broken': () => Promise.reject(new Error('the secret inside')),
    });
    await expect(askControlForAll('POST /refused', { data })).rejects.toMatchObject({
      message: 'There is no route of that name.',
    });
    await expect(askControlForAll('POST /broken', { data })).rejects.toThrow(/a fault in Castling/);
    expect(lines.join('')).toContain('the secret inside');
  });

  it('says in one sentence that nothing runs, that a question is unknown, and that the answer broke off', async () => {
    const nothing = /^No Castling runs with the data folder .*; start one with `castling start`/;
    await expect(askControlForAll('GET /status', { data })).rejects.toThrow(nothing);
    const server = await serve({
      'GET /forever': async function* () {
        yield 1;
        await new Promise(() => {});
      },
    });
    await expect(askControlForAll('GET /unknown', { data })).rejects.toMatchObject({ code: 'usage' });
    const answers = askControl('GET /forever', { data });
    expect((await answers.next()).value).toEqual({ from: 'proxy', value: 1 });
    await server.close();
    await expect(answers.next()).rejects.toThrow('Castling ended before it had answered.');
    await expect(askControlForAll('GET /status', { data })).rejects.toThrow(nothing);
  });

  it('refuses what is too long, no JSON, or by another method', async () => {
    await serve({ 'POST /echo': ({ body }) => body });
    expect(await raw('POST', '/echo', '{"a":')).toMatchObject({ status: 400 });
    expect(await raw('POST', '/echo', JSON.stringify('x'.repeat(70_000)))).toMatchObject({ status: 413 });
    expect(await raw('GET', '/echo', '')).toMatchObject({ status: 404 });
    expect(await raw('POST', '//echo', '')).toMatchObject({ status: 404 });
    expect(await raw('POST', '/echo', '"x"')).toEqual({
      status: 200,
      text: '{"from":"proxy","value":"x"}\n',
    });
  });

  it('ends a question that does not come to its end', async () => {
    await serve({ 'POST /echo': ({ body }) => body }, 100);
    const socket = connect(controlPath(data));
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{');
    let text = '';
    for await (const chunk of socket) text += chunk;
    expect(text).toMatch(/^HTTP\/1.1 408 /);
  });

  it('is for this account only, and leaves nothing behind', async () => {
    await chmod(data, 0o755);
    const before = process.umask(0o000);
    const server = await serve().finally(() => process.umask(before));
    expect((await stat(controlPath(data))).mode & 0o777).toBe(0o600);
    expect(await readdir(data)).toEqual(['control.lock', 'control.sock']);
    await server.close();
    expect(await readdir(data)).toEqual(['control.lock']);
  });

  it('takes the place of a process that was killed', async () => {
    const child = await killedListener();
    expect(child.signalCode).toBe('SIGKILL');
    expect(await readdir(data)).toEqual(['control.sock']);
    await serve({ 'GET /status': () => 'new' });
    expect(await askControlForAll('GET /status', { data })).toEqual(['new']);
    expect(await readdir(data)).toEqual(['control.lock', 'control.sock']);
  });

  it('leaves a living process its place, says so, and does not take it along at its end', async () => {
    await serve({ 'GET /status': () => 'first' });
    const second = await serve({ 'GET /status': () => 'second' });
    expect(lines.join('')).toContain('another process answers operators there');
    await second.close();
    expect(await askControlForAll('GET /status', { data })).toEqual(['first']);
  });

  it('of many that start at once over a dead one, one has the place and is reached, and no name is lost', async () => {
    const names = Array.from({ length: 8 }, (_, number) => number);
    for (let round = 0; round < 6; round += 1) {
      lines = [];
      await killedListener();
      await Promise.all(names.map((name) => serve({ 'GET /status': () => name })));
      expect(lines.filter((line) => line.includes('another process answers'))).toHaveLength(7);
      const [winner] = await askControlForAll<number>('GET /status', { data });
      expect(names).toContain(winner);
      expect(await readdir(data)).toEqual(['control.lock', 'control.sock']);
      for (const server of open.splice(0)) await server.close();
    }
  });

  it('removes no file of the operator’s, and goes on without where the path is too long', async () => {
    await writeFile(controlPath(data), 'mine');
    await expect(serve()).rejects.toThrow(/is in the way of the control socket/);
    const deep = join(data, 'x'.repeat(120));
    const server = new ControlServer({ find: () => undefined, logger });
    await mkdir(deep);
    await server.listen(controlPath(deep));
    expect(lines.join('')).toContain('too long');
    await server.close();
    expect(await readdir(deep)).toEqual([]);
  });

  it('has a pipe for each data folder on Windows', () => {
    const pipe = controlPath('C:\\Data', { platform: 'win32' });
    expect(pipe).toMatch(/^\\\\\.\\pipe\\castling-[0-9a-f]{32}$/);
    expect(controlPath('C:\\Other', { platform: 'win32' })).not.toBe(pipe);
  });

  /** A process that listened at the control socket's place and was killed. */
  async function killedListener(): Promise<ChildProcess> {
    const script = `require('node:net').createServer().listen(${JSON.stringify(controlPath(data))}, () => process.send('up'))`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    return child;
  }
});

it('a control route is there once', () => {
  const routes = new ControlRoutes({ from: 'proxy', logger });
  routes.add('GET /status', () => 1);
  expect(() => routes.add('GET /status', () => 2)).toThrow(/twice/);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cloneRepository, newcomerEnvironment, repository, run } from '../support/bootstrap-clone.ts';
import { freePorts } from '../support/free-ports.ts';

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'castling-refusal-'));
});
afterEach(() => rmSync(temporary, { recursive: true, force: true }));

async function startFlags(changes: Record<string, string> = {}): Promise<string[]> {
  const [port, linkPort, adminPort] = await freePorts(3);
  return Object.entries({
    '--port': `${port}`,
    '--link-port': `${linkPort}`,
    '--admin-port': `${adminPort}`,
    '--data': join(temporary, 'data'),
    '--certs': join(temporary, 'certs'),
    ...changes,
  }).flat();
}

/** `npm start` in this repository, whose dependencies are installed. */
async function start(flags: string[], wrapper: string[] = []) {
  const [program = process.execPath, ...before] = [...wrapper, process.execPath];
  const running = run(program, [...before, 'scripts/bootstrap.js', 'start', ...flags], { cwd: repository });
  return { code: await running.ended, output: running.output() };
}

/** One line, beginning with the program's name and ending like a sentence. */
const SENTENCE = /^castling: [^\n]+\.\n$/;

/** Runs a command where `temporary` lies on a small disk of its own, which is gone afterwards. */
const onSmallDisk = (size: string, then = 'exec "$@"') => [
  ...['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'],
  `mount -t tmpfs -o size=${size} tmpfs ${temporary} && ${then}`,
  'sh',
];

describe('what stands in the way of a start', () => {
  it.each(['--port', '--link-port', '--admin-port'])('is named when %s is taken', async (flag) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const taken = `${(other.address() as AddressInfo).port}`;
    const { code, output } = await start(await startFlags({ [flag]: taken }));
    await new Promise((resolve) => other.close(resolve));
    expect(code).toBe(69);
    expect(output).toMatch(SENTENCE);
    expect(output).toContain(`Port ${taken} is taken`);
    expect(output).toContain(`${flag}.`);
  });

  it('is named when the disk is full', async () => {
    const { code, output } = await start(await startFlags(), onSmallDisk('1m'));
    expect(output).toMatch(SENTENCE);
    expect(output).toContain('left on the disk');
    expect(output).toContain('--data');
    expect(code).toBe(75);
  });

  it('is named when the disk is read-only', async () => {
    const readOnly = onSmallDisk('32m', `mount -o remount,ro ${temporary} && exec "$@"`);
    const { code, output } = await start(await startFlags(), readOnly);
    expect(output).toMatch(SENTENCE);
    expect(output).toContain('read-only');
    expect(code).toBe(78);
  });

  it('is named when two flags give one port, or a port is none', async () => {
    const twice = await start(await startFlags({ '--port': '9000', '--admin-port': '9000' }));
    expect(twice).toMatchObject({ code: 64, output: expect.stringMatching(SENTENCE) });
    const none = await start(await startFlags({ '--port': '70000' }));
    expect(none.code).toBe(64);
    expect(none.output).toContain('a number from 0 to 65535');
  });

  it('is named when Node is too old even to install', async () => {
    const older = join(temporary, 'older.cjs');
    writeFileSync(
      older,
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.19.0' } });",
    );
    const running = run(process.execPath, ['--require', older, 'scripts/bootstrap.js', 'start'], {
      cwd: repository,
    });
    expect(await running.ended).toBe(78);
    expect(running.output()).toMatch(/^castling: this is Node 18\.19\.0, .*Node 20 or newer.*\.\n$/);
  });
});

describe('what stands in the way of an installation', () => {
  it('is named when there is no network', async () => {
    using clone = cloneRepository();
    const [closed] = await freePorts(1);
    const env = { ...newcomerEnvironment(clone.home), npm_config_registry: `http://127.0.0.1:${closed}/` };
    const running = run('npm', ['start', '--silent'], { cwd: clone.folder, env });
    expect(await running.ended).toBe(69);
    expect(running.output()).toMatch(/\ncastling: the npm registry cannot be reached[^\n]+\.\n$/);
  });

  it('is named when the disk is too small', async () => {
    using clone = cloneRepository();
    const copy = `cp -r ${clone.folder} ${temporary}/clone && cd ${temporary}/clone && exec "$@"`;
    const [program = '', ...args] = [...onSmallDisk('40m', copy), 'npm', 'start', '--silent'];
    const running = run(program, args, { env: newcomerEnvironment(clone.home) });
    expect(await running.ended).toBe(75);
    expect(running.output()).toMatch(
      /^castling: installing the dependencies takes 500 MB and only \d+ MB are left[^\n]+\.\n$/,
    );
  });
});

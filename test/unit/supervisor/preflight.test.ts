import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { preflight } from '../../../src/supervisor/preflight.ts';
import { freePorts } from '../../support/free-ports.ts';

let folder: string;
const servers: Server[] = [];

async function takenPort(): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'castling-preflight-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true });
});

async function settings() {
  const [port = 0, linkPort = 0, adminPort = 0] = await freePorts(3);
  return {
    host: '127.0.0.1',
    port,
    linkHost: '127.0.0.1',
    linkPort,
    backends: 1,
    adminPort,
    data: join(folder, 'data'),
    certs: join(folder, 'certs'),
    pairs: [],
  };
}

describe('preflight', () => {
  it('finds nothing, creates the data folder for the owner only, and leaves nothing in it', async () => {
    const given = await settings();
    await preflight(given);
    expect((await stat(given.data)).mode & 0o777).toBe(0o700);
    expect(await readdir(given.data)).toEqual([]);
  });

  it.each([
    ['port', '--port'],
    ['linkPort', '--link-port'],
    ['adminPort', '--admin-port'],
  ] as const)('names a taken %s and %s', async (name, flag) => {
    const port = await takenPort();
    await expect(preflight({ ...(await settings()), [name]: port })).rejects.toMatchObject({
      code: 'port_taken',
      message: expect.stringMatching(new RegExp(`${port}.*${flag}\\.`)),
    });
  });

  it('refuses an address that this machine does not have', async () => {
    // TEST-NET-1 (RFC 5737) is nobody's.
    await expect(preflight({ ...(await settings()), host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'address_unavailable',
    });
  });

  it('refuses a data folder that is a file', async () => {
    const data = join(folder, 'file');
    await writeFile(data, '');
    await expect(preflight({ ...(await settings()), data })).rejects.toMatchObject({
      code: 'folder_unusable',
      message: expect.stringContaining('--data'),
    });
  });
});

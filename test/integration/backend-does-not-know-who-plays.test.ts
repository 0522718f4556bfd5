import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FrameReader, frameTypes } from '../../src/protocol/frame.ts';
import { linkAlpn, linkNames } from '../../src/protocol/link-messages.ts';
import { type CastlingApart, startCastlingApart } from '../support/castling-apart.ts';
import { observe, type Player, playToTheEnd, registerPlayer } from '../support/player.ts';

type LinkReader = Awaited<ReturnType<typeof startLinkReader>>;

/** Stands between proxy and backend with the certificates of both, so that it sees the link in clear. */
async function startLinkReader({ certs, backendPort }: { certs: string; backendPort: number }) {
  const file = (name: string) => readFileSync(join(certs, name));
  const shared = {
    ca: file('ca.pem'),
    ALPNProtocols: [linkAlpn],
    ecdhCurve: 'X25519MLKEM768',
    minVersion: 'TLSv1.3',
  } as const;
  const toBackend: Buffer[] = [];
  const fromBackend: Buffer[] = [];
  const sockets = new Set<TLSSocket>();
  const server = createServer(
    { ...shared, cert: file('link-server.pem'), key: file('link-server-key.pem'), requestCert: true },
    (near) => {
      const far = connect({
        ...shared,
        host: '127.0.0.1',
        port: backendPort,
        servername: linkNames.backend,
        cert: file('link-client.pem'),
        key: file('link-client-key.pem'),
      });
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => {
          near.destroy();
          far.destroy();
        });
      }
      near.on('data', (chunk: Buffer) => toBackend.push(chunk));
      far.on('data', (chunk: Buffer) => fromBackend.push(chunk));
      near.pipe(far).pipe(near);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    toBackend: () => Buffer.concat(toBackend),
    fromBackend: () => Buffer.concat(fromBackend),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('F1 the backend does not know who plays', () => {
  let castling: CastlingApart<LinkReader>;
  const players: Player[] = [];
  /** Everything that the first player was shown of the match. */
  const shown: unknown[] = [];

  beforeAll(async () => {
    castling = await startCastlingApart(startLinkReader);
    for (const name of ['canary-ada', 'canary-grace']) {
      players.push(await registerPlayer(castling, { name, password: `canary password of ${name}` }));
    }
    const [ada, grace] = players as [Player, Player];
    const first = await ada.connection.createMatch({ game: 'tic-tac-toe' });
    const second = await grace.connection.joinMatch({ code: first.code ?? '' });
    first.updates.subscribe((update) => shown.push(update));
    const views = [observe(first), observe(second)];
    await Promise.all([playToTheEnd(first), playToTheEnd(second)]);
    await Promise.all(views.map(({ over }) => over));
    // The names are where they belong: with the players.
    expect(first.state.seats.map((seat) => seat.name)).toEqual(['canary-ada', 'canary-grace']);
  });

  afterAll(async () => {
    for (const { connection } of players) connection.close();
    await castling?.stop();
  });

  const canaries = () => [
    'canary',
    ...players.flatMap(({ accessToken, refreshToken }) => [...accessToken.split('.'), refreshToken]),
    ...players.map(({ connection }) => sessionOf(connection).player),
  ];

  it('by any byte on the link, which holds the moves and pseudonyms all the same', () => {
    const [up, down] = [castling.middle.toBackend(), castling.middle.fromBackend()];
    expect(up.includes('"move":0')).toBe(true);
    expect(down.includes('"type":"moved"')).toBe(true);
    for (const canary of canaries()) {
      expect(up.includes(canary), canary).toBe(false);
      expect(down.includes(canary), canary).toBe(false);
    }
    const frames = [...new FrameReader().push(up)];
    const opened = frames.filter(({ type }) => type === frameTypes.openChannel);
    expect(opened.length).toBeGreaterThanOrEqual(2);
    for (const { payload } of opened)
      expect(Buffer.from(payload).toString()).toMatch(/^y_[A-Za-z0-9_-]{22}$/);
  });

  it('by its database', () => {
    const files = readdirSync(castling.data).filter((name) => name.startsWith('game.db'));
    expect(files.length).toBeGreaterThan(0);
    const bytes = Buffer.concat(files.map((name) => readFileSync(join(castling.data, name))));
    expect(bytes.includes('"type":"moved"')).toBe(true);
    for (const canary of canaries()) expect(bytes.includes(canary), canary).toBe(false);
  });

  it('by its memory', () => {
    const bytes = memoryOf(castling.backendPid);
    expect(bytes.some((region) => region.includes('"type":"moved"'))).toBe(true);
    for (const canary of canaries()) {
      expect(
        bytes.some((region) => region.includes(canary)),
        canary,
      ).toBe(false);
    }
  });

  it('nor do players learn pseudonyms, or each other’s ids', () => {
    const pseudonyms = new Set(
      castling.middle
        .fromBackend()
        .toString('latin1')
        .match(/y_[A-Za-z0-9_-]{22}/g),
    );
    expect(pseudonyms.size).toBe(2);
    const ids = players.map(({ connection }) => sessionOf(connection).player);
    const told = JSON.stringify(shown);
    expect(told).toContain('canary-grace');
    for (const secret of [...pseudonyms, ...ids]) expect(told).not.toContain(secret);
  });
});

function sessionOf({ state }: Player['connection']) {
  if (state.value.phase !== 'open') throw new Error(`not open: ${state.value.phase}`);
  return state.value.session;
}

/** The writable memory of a process, region by region. The backend's own command line and environment are not in it. */
function memoryOf(pid: number): Buffer[] {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n');
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    return maps.flatMap((line) => {
      const range = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
      if (range === null || line.includes('[stack]') || line.includes('[vvar]')) return [];
      const start = Number.parseInt(range[1] ?? '', 16);
      const size = Number.parseInt(range[2] ?? '', 16) - start;
      if (size > 256 * 1024 * 1024) return [];
      const region = Buffer.alloc(size);
      try {
        return [region.subarray(0, readSync(memory, region, 0, size, start))];
      } catch {
        return [];
      }
    });
  } finally {
    closeSync(memory);
  }
}

import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Dial } from '../../src/proxy/link/dial-backend.ts';
import { type ProxyPlayer, startMatch } from '../support/proxy-player.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

/** Cuts the link again and again: after so many chunks from the backend, or so many to it. */
class Scissors {
  #socket: Duplex | undefined;
  #afterRead = Number.POSITIVE_INFINITY;
  #afterWrite = Number.POSITIVE_INFINITY;
  cuts = 0;

  readonly on = (real: Dial): Dial => {
    return async () => {
      const socket = await real();
      this.#socket = socket;
      const write = socket.write.bind(socket);
      socket.write = ((chunk: Uint8Array, ...rest: []) => {
        const wasTaken = write(chunk, ...rest);
        this.#afterWrite -= 1;
        if (this.#afterWrite <= 0) this.#cut();
        return wasTaken;
      }) as typeof socket.write;
      socket.prependListener('data', () => {
        this.#afterRead -= 1;
        if (this.#afterRead <= 0) this.#cut();
      });
      return socket;
    };
  };

  set(cut: { side: 'read' | 'write'; after: number }): void {
    if (cut.side === 'read') this.#afterRead = cut.after;
    else this.#afterWrite = cut.after;
  }

  #cut(): void {
    this.cuts += 1;
    this.#afterRead = this.#afterWrite = Number.POSITIVE_INFINITY;
    this.#socket?.destroy();
  }
}

/** A draw, in nine moves. */
const moves = [0, 1, 2, 4, 3, 5, 7, 6, 8];

async function playOut(
  players: readonly [ProxyPlayer, ProxyPlayer],
  spectator: ProxyPlayer,
  cut: () => void,
): Promise<void> {
  const { match, code, seats, seq } = await startMatch(...players);
  await spectator.demand('match.watch', { code, after: 0 });
  for (const [turn, move] of moves.entries()) {
    const mover = seats[turn % 2 === 0 ? 0 : 1];
    cut();
    const commandId = mover.commandId();
    const event = await mover.demand('match.move', { match, seq: seq + turn + 1, commandId, move });
    expect(event).toMatchObject({ commandId, move, seq: seq + turn + 1 });
  }
  for (const one of [...players, spectator]) {
    await one.notification('match.event', (event) => event.match === match && event.type === 'ended');
    const seen = one.events(match).map((event) => event.seq);
    const [first = 0] = seen;
    expect(seen).toEqual(seen.map((_seq, index) => first + index));
    expect(seen.at(-1)).toBe(seq + moves.length + 1);
  }
  const { snapshot } = await players[0].demand('match.get', { match });
  expect(snapshot).toMatchObject({ seq: seq + moves.length + 1, result: { kind: 'drawn' } });
}

it('however the link is cut, each command happens once and everyone sees each sequence once, in order', async () => {
  const cuts = fc.sample(
    fc.record({
      side: fc.constantFrom('read' as const, 'write' as const),
      after: fc.integer({ min: 1, max: 4 }),
    }),
    { numRuns: 72, seed: 20_261_122 },
  );
  const scissors = new Scissors();
  await using rig = await ProxyRig.start({ dial: scissors.on });
  const [ada, bob, eve] = await Promise.all([rig.player('ada'), rig.player('bob'), rig.player('eve')]);
  for (let round = 0; round < 8; round += 1) {
    await playOut([ada, bob], eve, () => {
      const cut = cuts.pop();
      if (cut !== undefined) scissors.set(cut);
    });
  }
  expect(scissors.cuts).toBeGreaterThan(30);
  expect([ada, bob, eve].some((player) => player.isClosed)).toBe(false);
}, 120_000);

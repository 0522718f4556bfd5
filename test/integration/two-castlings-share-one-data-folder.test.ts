import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCastling } from '../support/castling.ts';
import { boardOf, firstFree, registerPlayer } from '../support/player.ts';

/** It was refused once, since two backends on one file did not know of each other. */
it('a second Castling on the same folder joins the first, and players of both meet', async () => {
  await using first = await startCastling();
  await using second = await startCastling({
    args: ['--data', join(first.folder, 'data'), '--certs', join(first.folder, 'certs')],
  });
  const ada = await registerPlayer(first, { name: 'ada' });
  const grace = await registerPlayer({ url: second.url, ca: first.ca }, { name: 'grace' });
  const [one, other] = await Promise.all(
    [ada, grace].map(({ connection }) => connection.findMatch('tic-tac-toe')),
  );
  if (one === undefined || other === undefined) throw new Error('no match');
  expect(one.id).toBe(other.id);
  const [mover, watcher] = one.state.turn === one.seat ? [one, other] : [other, one];
  const { seq } = await mover.move(firstFree(boardOf(mover.state.state)));
  await expect.poll(() => watcher.state.seq).toBe(seq);
  for (const { connection } of [ada, grace]) connection.close();
});

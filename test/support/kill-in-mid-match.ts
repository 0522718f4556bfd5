import { expect } from 'vitest';
import { type Role, startCastling } from './castling.ts';
import { readLog } from './logged-events.ts';
import { boardOf, firstFree, observe, registerPlayer, type Seen, seenFrom } from './player.ts';

export interface KillOptions {
  readonly role: Role;
  readonly kills: number;
}

/**
 * Plays matches through a Castling of its own while one of its processes is killed by SIGKILL, again and again; then compares what
 * players were told with the log. A process that dies often is restarted with growing pauses, so few kills a Castling are quicker.
 */
export async function killInMidMatch({ role, kills }: KillOptions): Promise<void> {
  await using castling = await startCastling();
  const ada = await registerPlayer(castling, { name: 'ada' });
  const grace = await registerPlayer(castling, { name: 'grace' });
  const acknowledged = new Map<string, Seen[]>();
  let done = 0;
  while (done < kills) {
    const hosted = await ada.connection.createMatch({ game: 'tic-tac-toe' });
    const joined = await grace.connection.joinMatch({ code: hosted.code ?? '' });
    const views = [observe(hosted), observe(joined)];
    const acks: Seen[] = [];
    acknowledged.set(hosted.id, acks);
    for (const [turn, match] of [hosted, joined, hosted, joined, hosted, joined, hosted].entries()) {
      await until(match, () => match.state.turn === match.seat || match.state.status === 'over');
      if (match.state.status === 'over') break;
      const move = match.move(firstFree(boardOf(match.state.state)));
      // One kill while the command is on its way, one while nothing is: both must be survived.
      if ((turn === 1 || turn === 3) && done < kills) {
        if (turn === 3) await move;
        await castling.kill(role);
        done += 1;
      }
      acks.push(seenFrom(await move));
    }
    await Promise.all(views.map(({ over }) => over));
    const logged = readLog(castling).get(hosted.id) ?? [];
    expect(logged.map(({ seq }) => seq)).toEqual(logged.map((_, at) => at + 1));
    for (const { seen } of views) expect(seen).toEqual(logged.slice(-seen.length));
  }
  ada.connection.close();
  grace.connection.close();
  expect(done).toBe(kills);
  expect(acknowledged.size).toBeGreaterThan(0);
  const log = readLog(castling);
  for (const [match, acks] of acknowledged) {
    expect((log.get(match) ?? []).filter(({ type }) => type === 'moved')).toEqual(acks);
  }
}

async function until(
  match: { readonly updates: AsyncIterable<unknown> },
  condition: () => boolean,
): Promise<void> {
  if (condition()) return;
  for await (const _ of match.updates) if (condition()) return;
}

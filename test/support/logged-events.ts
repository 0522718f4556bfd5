/** Reads a match's events straight from the game database of a stopped or running backend. */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { RunningCastling } from './castling.ts';
import type { SeenEvent } from './history.ts';
import type { Seen } from './player.ts';

export function readLog({ folder }: Pick<RunningCastling, 'folder'>): Map<string, Seen[]> {
  const database = new DatabaseSync(join(folder, 'data', 'game.db'), { readOnly: true });
  const matches = new Map<string, Seen[]>();
  for (const row of database.prepare('select match, body from events order by match, seq').iterate()) {
    const { seq, type, seat, move } = JSON.parse(String(row.body)) as Seen;
    const list = matches.get(String(row.match)) ?? [];
    list.push({ seq, type, ...(seat !== undefined && { seat }), ...(move !== undefined && { move }) });
    matches.set(String(row.match), list);
  }
  database.close();
  return matches;
}

/** The log of every match for `checkHistory`: each event, and of moves the command behind it. */
export function readMoves({ folder }: Pick<RunningCastling, 'folder'>): Map<string, SeenEvent[]> {
  const database = new DatabaseSync(join(folder, 'data', 'game.db'), { readOnly: true });
  const matches = new Map<string, SeenEvent[]>();
  for (const row of database.prepare('select match, body from events order by match, seq').iterate()) {
    const { seq, type, cause } = JSON.parse(String(row.body)) as Seen & { cause?: { command: string } };
    const list = matches.get(String(row.match)) ?? [];
    list.push({ seq, id: type === 'moved' ? cause?.command : undefined });
    matches.set(String(row.match), list);
  }
  database.close();
  return matches;
}

import { stripVTControlCharacters } from 'node:util';
import { printable } from '../../process/printable.ts';
import type { ListName, MatchListItem } from '../../protocol/player-messages.ts';

const emptyLists: Readonly<Record<ListName, string>> = {
  mine: 'You have no matches yet; `castling play tic-tac-toe` starts one.',
  live: 'No public match is being played.',
  open: 'No public match has a free seat.',
};

/** Matches as lines of a table; a sentence when there are none. `now` is in Unix milliseconds. */
export function matchTable(
  matches: readonly MatchListItem[],
  { filter, now }: { readonly filter: ListName; readonly now: number },
): string {
  if (matches.length === 0) return emptyLists[filter];
  const rows = [
    ['MATCH', 'GAME', 'PLAYERS', 'STATUS', 'LAST EVENT'],
    ...matches.map((match) => [
      match.match,
      match.game,
      match.seats.map(describeSeat).join(' - '),
      describeStatus(match),
      ago(now - match.updatedAt),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? '')))) ?? [];
  return rows
    .map((row) =>
      row
        .map((text, column) => pad(text, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function describeSeat({ name, guest }: MatchListItem['seats'][number]): string {
  if (name === null) return '(free)';
  return guest ? `${printable(name)} (guest)` : printable(name);
}

function describeStatus({ status, result, seat, turn }: MatchListItem): string {
  if (status === 'playing' && seat !== null) return turn === seat ? 'your turn' : 'their turn';
  if (status !== 'over' || result === null) return status;
  switch (result.kind) {
    case 'won':
      if (seat === null) return 'over';
      return result.seat === seat ? 'you won' : 'you lost';
    case 'drawn':
      return 'draw';
    case 'cancelled':
      return 'cancelled';
  }
}

/** A span of milliseconds, roughly. */
function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

function width(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

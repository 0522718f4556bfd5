import type { JSX } from 'preact';
import type { Seat } from '../../../protocol/player-messages.ts';
import { useWords } from '../words/use-words.ts';

export interface SeatPlateProps {
  readonly name: string;
  readonly seat: Seat;
  readonly mark: string;
  readonly isReader: boolean;
  readonly isTurn: boolean;
  readonly isWinner: boolean;
  /** `undefined` while it is not known, or no longer matters. */
  readonly isOnline: boolean | undefined;
}

/** Who holds a seat, whether they are there, and whether it is their turn. */
export function SeatPlate({
  name,
  seat,
  mark,
  isReader,
  isTurn,
  isWinner,
  isOnline,
}: SeatPlateProps): JSX.Element {
  const { match } = useWords();
  return (
    <div class="plate" data-seat={seat} data-turn={isTurn || undefined} data-winner={isWinner || undefined}>
      <span class="plate-mark" aria-hidden="true">
        {mark}
      </span>
      <span class="plate-name">
        {isReader ? match.youNamed(name) : name}
        <span class="unseen">, {match.playsWith(mark)}</span>
      </span>
      {isOnline !== undefined && (
        <span class="presence" data-online={isOnline || undefined}>
          {isOnline ? match.online : match.away}
        </span>
      )}
    </div>
  );
}

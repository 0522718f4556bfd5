import type { JSX } from 'preact';
import type { MatchState } from '../../match-state.ts';
import type { WebGame } from '../games/index.ts';
import { useWords } from '../words/use-words.ts';
import { nameOf } from './headline.ts';
import type { Step } from './steps.ts';

export interface MoveListProps {
  readonly steps: readonly Step[];
  readonly shown: number;
  readonly state: MatchState;
  readonly game: WebGame | undefined;
  look(move: number): void;
}

/** The moves so far; choosing one shows the position after it. */
export function MoveList({ steps, shown, state, game, look }: MoveListProps): JSX.Element {
  const words = useWords();
  const { match } = words;
  return (
    <section class="moves">
      <h2>{match.moves}</h2>
      {steps.length === 1 && <p class="empty">{match.noMoves}</p>}
      <ol>
        {steps.map(({ moved }, index) => {
          if (index === 0) return null;
          const seat = moved?.seat ?? 0;
          const name = moved ? (game?.nameMove(moved.move, words) ?? '?') : '…';
          return (
            <li key={index}>
              <button
                type="button"
                class="move"
                data-seat={seat}
                aria-current={index === shown ? 'step' : undefined}
                onClick={() => look(index)}
              >
                <span class="move-mark" aria-hidden="true">
                  {game?.marks[seat]}
                </span>
                <span class="unseen">{match.moveBy(index, nameOf(state, seat, words))} </span>
                {name}
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { CopyButton } from '../parts/copy-button.tsx';
import { Sign, type SignName } from '../parts/sign.tsx';
import { useWords } from '../words/use-words.ts';

export interface ScrubberProps {
  readonly shown: number;
  readonly last: number;
  look(move: number): void;
  /** The address of the position shown. */
  address(): string;
}

/** Milliseconds for which a position stands when the match is played through. */
const standsMs = 900;

/** Goes back and forth through a finished match. */
export function Scrubber({ shown, last, look, address }: ScrubberProps): JSX.Element {
  const { match } = useWords();
  const [isPlaying, setPlaying] = useState(false);
  useEffect(() => {
    if (!isPlaying) return;
    if (shown >= last) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(() => look(shown + 1), standsMs);
    return () => clearTimeout(timer);
  }, [isPlaying, shown, last]);

  const to = (move: number) => {
    setPlaying(false);
    look(Math.min(last, Math.max(0, move)));
  };
  const playThrough = () => {
    if (!isPlaying && shown >= last) look(0);
    setPlaying(!isPlaying);
  };
  return (
    <section class="scrubber" aria-label={match.replay}>
      <input
        type="range"
        min={0}
        max={last}
        step={1}
        value={shown}
        aria-label={match.replay}
        aria-valuetext={match.position(shown, last)}
        onInput={({ currentTarget }) => to(currentTarget.valueAsNumber)}
      />
      <p class="hint">{match.position(shown, last)}</p>
      <div class="buttons">
        <Jump sign="first" label={match.first} onClick={() => to(0)} isOff={shown === 0} />
        <Jump sign="previous" label={match.previous} onClick={() => to(shown - 1)} isOff={shown === 0} />
        <Jump
          sign={isPlaying ? 'pause' : 'play'}
          label={isPlaying ? match.pause : match.play}
          onClick={playThrough}
          isOff={false}
        />
        <Jump sign="next" label={match.next} onClick={() => to(shown + 1)} isOff={shown === last} />
        <Jump sign="last" label={match.last} onClick={() => to(last)} isOff={shown === last} />
      </div>
      <CopyButton text={address} label={match.share} done={match.shared} class="button wide" />
    </section>
  );
}

interface JumpProps {
  readonly sign: SignName;
  readonly label: string;
  readonly isOff: boolean;
  onClick(): void;
}

function Jump({ sign, label, isOff, onClick }: JumpProps): JSX.Element {
  return (
    <button
      type="button"
      class="button icon"
      aria-label={label}
      title={label}
      aria-disabled={isOff}
      onClick={onClick}
    >
      <Sign name={sign} />
    </button>
  );
}

import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Match } from '../../match.ts';
import { formatRoute } from '../routing/route.ts';
import { useWords } from '../words/use-words.ts';
import { nameOf } from './headline.ts';

export interface MatchActionsProps {
  readonly match: Match;
  /** Does it, and shows why when it is refused. */
  run(work: () => Promise<unknown>): Promise<void>;
}

/** What a player may do besides moving. */
export function MatchActions({ match, run }: MatchActionsProps): JSX.Element | null {
  const { state, seat } = match;
  if (seat === null || state.result?.kind === 'cancelled') return null;
  return state.status === 'over' ? (
    <AfterTheEnd match={match} run={run} />
  ) : (
    <WhilePlaying match={match} run={run} />
  );
}

function WhilePlaying({ match, run }: MatchActionsProps): JSX.Element {
  const words = useWords();
  const texts = words.match;
  const { state, seat } = match;
  const [isResigning, setResigning] = useState(false);
  const resign = useRef<HTMLButtonElement>(null);
  const hasDeclined = useRef(false);
  const decline = () => {
    hasDeclined.current = true;
    setResigning(false);
  };
  // The focus goes back to where it came from.
  useLayoutEffect(() => {
    if (!isResigning && hasDeclined.current) resign.current?.focus();
    hasDeclined.current = false;
  }, [isResigning]);
  const offer = state.drawOffer;
  return (
    <div class="actions">
      {offer !== null && offer !== seat && (
        <fieldset class="prompt">
          <legend>{texts.drawOfferedBy(nameOf(state, offer, words))}</legend>
          <button type="button" class="button primary" onClick={() => void run(() => match.answerDraw(true))}>
            {texts.acceptDraw}
          </button>
          <button type="button" class="button" onClick={() => void run(() => match.answerDraw(false))}>
            {texts.declineDraw}
          </button>
        </fieldset>
      )}
      {isResigning ? (
        <SecondLook
          question={texts.resignSure}
          yes={texts.resignYes}
          no={texts.resignNo}
          onNo={decline}
          onYes={() => void run(() => match.resign())}
        />
      ) : (
        <div class="buttons">
          <button
            type="button"
            class="button"
            aria-disabled={offer !== null}
            onClick={() => offer === null && void run(() => match.offerDraw())}
          >
            {offer === seat ? texts.drawOffered : texts.offerDraw}
          </button>
          <button type="button" class="button" ref={resign} onClick={() => setResigning(true)}>
            {texts.resign}
          </button>
        </div>
      )}
    </div>
  );
}

interface SecondLookProps {
  readonly question: string;
  readonly yes: string;
  readonly no: string;
  onYes(): void;
  onNo(): void;
}

/** Asks once more, with the harmless answer under the finger. Escape is a no. */
function SecondLook({ question, yes, no, onYes, onNo }: SecondLookProps): JSX.Element {
  const harmless = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => harmless.current?.focus(), []);
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === 'Escape') onNo();
  };
  return (
    <fieldset class="prompt" onKeyDown={onKeyDown}>
      <legend>{question}</legend>
      <button type="button" class="button danger" onClick={onYes}>
        {yes}
      </button>
      <button type="button" class="button" ref={harmless} onClick={onNo}>
        {no}
      </button>
    </fieldset>
  );
}

function AfterTheEnd({ match, run }: MatchActionsProps): JSX.Element {
  const words = useWords();
  const texts = words.match;
  const { state, seat } = match;
  const theirs = state.rematchOffers.find((each) => each !== seat);
  const isAsked = seat !== null && state.rematchOffers.includes(seat);
  if (state.next !== null) {
    return (
      <a class="button primary big wide" href={formatRoute({ at: 'match', which: { match: state.next } })}>
        {texts.nextMatch}
      </a>
    );
  }
  return (
    <div class="actions">
      {theirs !== undefined && !isAsked && (
        <p class="note">{texts.rematchOfferedBy(nameOf(state, theirs, words))}</p>
      )}
      <button
        type="button"
        class="button primary big wide"
        aria-disabled={isAsked}
        onClick={() => !isAsked && void run(() => match.offerRematch())}
      >
        {isAsked ? texts.rematchOffered : texts.playAgain}
      </button>
    </div>
  );
}

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Connection } from '../../connection.ts';
import { useCell } from '../state/use-cell.ts';
import { useWords } from '../words/use-words.ts';

/** Milliseconds before a connection that is not there yet is spoken of: a quick reconnect is nobody's business. */
const quietMs = 700;
/** Milliseconds for which the good news stays. */
const backMs = 2500;

/** Says when the server, or the game behind it, is away, and when it is back. */
export function ConnectionBanner({ connection }: { readonly connection: Connection }): JSX.Element {
  const { connection: texts } = useWords();
  const { phase } = useCell(connection.state);
  const service = useCell(connection.service);
  const isOffline = useIsOffline();
  const wasOpen = useRef(false);
  if (phase === 'open') wasOpen.current = true;
  // One word for the whole of a reconnect, tries and pauses alike: otherwise each would start the quiet time anew.
  const reconnecting = wasOpen.current || phase === 'waiting' ? texts.lost : texts.connecting;
  const trouble =
    phase === 'closed'
      ? ''
      : phase !== 'open'
        ? isOffline
          ? texts.offline
          : reconnecting
        : service === 'away'
          ? texts.away
          : '';
  const [said, setSaid] = useState({ text: '', isGood: false });
  useEffect(() => {
    if (trouble !== '') {
      const timer = setTimeout(() => setSaid({ text: trouble, isGood: false }), said.text ? 0 : quietMs);
      return () => clearTimeout(timer);
    }
    if (said.text === '') return;
    const wasFirst = said.text === texts.connecting;
    setSaid({ text: wasFirst ? '' : texts.back, isGood: true });
    const timer = setTimeout(() => setSaid({ text: '', isGood: true }), backMs);
    return () => clearTimeout(timer);
  }, [trouble]);
  return (
    <div
      class="banner"
      role="status"
      data-good={said.isGood || undefined}
      data-empty={said.text === '' || undefined}
    >
      {said.text}
    </div>
  );
}

function useIsOffline(): boolean {
  const [isOffline, setOffline] = useState(!navigator.onLine);
  useEffect(() => {
    const look = () => setOffline(!navigator.onLine);
    addEventListener('online', look);
    addEventListener('offline', look);
    return () => {
      removeEventListener('online', look);
      removeEventListener('offline', look);
    };
  }, []);
  return isOffline;
}

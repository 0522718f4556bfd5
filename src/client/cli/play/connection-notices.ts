import type { Connection } from '../../connection.ts';

/** What a person should hear of the connection. */
export type ConnectionNotice = 'lost' | 'back' | 'away' | 'up';

export const noticeTexts: Readonly<Record<ConnectionNotice, string>> = {
  lost: 'connection lost, reconnecting...',
  back: 'back',
  away: 'the game server is away; your match is safe and goes on when it is back',
  up: 'the game server is back',
};

/** Calls `notify` at every change worth telling. Returns the function that stops it. */
export function watchConnection(
  { state, service }: Pick<Connection, 'state' | 'service'>,
  notify: (notice: ConnectionNotice) => void,
): () => void {
  let isOpen = state.value.phase === 'open';
  const stopState = state.subscribe(({ phase }) => {
    // Several failed attempts are one loss.
    if (phase === 'waiting' && isOpen) notify('lost');
    if (phase === 'open' && !isOpen) notify('back');
    if (phase !== 'connecting') isOpen = phase === 'open';
  });
  const stopService = service.subscribe((now) => notify(now));
  return () => {
    stopState();
    stopService();
  };
}

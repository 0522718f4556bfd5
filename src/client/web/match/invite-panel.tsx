import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Connection } from '../../connection.ts';
import type { Match } from '../../match.ts';
import { Alert } from '../parts/alert.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { addressOf, formatRoute } from '../routing/route.ts';
import { goTo } from '../routing/use-route.ts';
import { useWords } from '../words/use-words.ts';
import { nameOf } from './headline.ts';
import { QrCode } from './qr-code.tsx';

export interface InvitePanelProps {
  readonly match: Match;
  readonly connection: Connection;
  readonly gameTitle: string;
  readonly problem: string;
  run(work: () => Promise<unknown>): Promise<void>;
}

/** A match that waits for its second player: how to get one, or, for a passer-by, the free seat itself. */
export function InvitePanel({ match, connection, gameTitle, problem, run }: InvitePanelProps): JSX.Element {
  const words = useWords();
  const { invitation } = words;
  const { code, seat, state } = match;
  usePageTitle(seat === null ? gameTitle : invitation.title);
  if (seat === null) {
    const host = state.seats.find(({ name }) => name !== null)?.seat ?? 0;
    return (
      <section class="card centred invite">
        <h1>{invitation.received(nameOf(state, host, words), gameTitle)}</h1>
        <p class="hint">{words.match.waitingToStart}</p>
        <button
          type="button"
          class="button primary big"
          onClick={() => void run(() => connection.joinMatch(code ? { code } : { match: match.id }))}
        >
          {invitation.accept}
        </button>
        <Alert>{problem}</Alert>
        <a href={formatRoute({ at: 'lobby' })}>{words.shell.backToLobby}</a>
      </section>
    );
  }
  const cancel = () =>
    run(async () => {
      await match.leave();
      goTo({ at: 'lobby' });
    });
  return (
    <section class="card centred invite">
      <h1>{invitation.title}</h1>
      <p class="lead">{state.visibility === 'public' ? invitation.leadOpen : invitation.lead}</p>
      {code !== undefined && <Invitation code={code} gameTitle={gameTitle} />}
      <p class="searching-title" role="status">
        <span class="pulse" aria-hidden="true" />
        {invitation.waiting}
      </p>
      <Alert>{problem}</Alert>
      <button type="button" class="button" onClick={() => void cancel()}>
        {invitation.cancel}
      </button>
      <a href={formatRoute({ at: 'lobby' })}>{words.shell.backToLobby}</a>
    </section>
  );
}

function Invitation({ code, gameTitle }: { readonly code: string; readonly gameTitle: string }): JSX.Element {
  const { invitation } = useWords();
  const [isQrShown, setQrShown] = useState(false);
  const id = useId();
  const address = addressOf({ at: 'join', code }, location.href);
  const share = { title: 'Castling', text: invitation.shareText(gameTitle), url: address };
  const canShare = typeof navigator.share === 'function' && navigator.canShare?.(share);
  return (
    <div class="invitation">
      <label class="unseen" for={id}>
        {invitation.link}
      </label>
      <input
        id={id}
        class="invitation-link"
        type="text"
        readOnly
        value={address}
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <div class="buttons">
        <CopyButton
          text={() => address}
          label={invitation.copyLink}
          done={invitation.copied}
          class="button primary"
        />
        {canShare && (
          // Closing the sheet without choosing rejects; that is an answer, not an error.
          <button type="button" class="button" onClick={() => void navigator.share(share).catch(() => {})}>
            {invitation.share}
          </button>
        )}
        <button type="button" class="button" aria-expanded={isQrShown} onClick={() => setQrShown(!isQrShown)}>
          {isQrShown ? invitation.hideQr : invitation.showQr}
        </button>
      </div>
      {isQrShown && <QrCode text={address} label={invitation.qrAlt} />}
      <p class="hint">{invitation.codeLead}</p>
      <p class="code">
        <span class="unseen">{invitation.code}: </span>
        <bdi translate={false}>
          {code.slice(0, 4)}
          <i aria-hidden="true" />
          {code.slice(4)}
        </bdi>
      </p>
    </div>
  );
}

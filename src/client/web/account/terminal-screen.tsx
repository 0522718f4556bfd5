import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Alert } from '../parts/alert.tsx';
import { Loading } from '../parts/loading.tsx';
import { timeAgo } from '../parts/time-ago.ts';
import { usePageTitle } from '../parts/use-page-title.ts';
import { readUserCode } from '../routing/route.ts';
import { goTo } from '../routing/use-route.ts';
import type { BrowserSession } from '../session/browser-session.ts';
import { TextField } from '../sign-in/text-field.tsx';
import { explain } from '../words/explain.ts';
import { useWords } from '../words/use-words.ts';
import { type AccountApi, accountApi } from './account-api.ts';
import { ProofForm } from './proof-form.tsx';
import { useLoaded } from './use-loaded.ts';
import './account.css';

export interface TerminalScreenProps {
  readonly session: BrowserSession;
  readonly code: string | undefined;
}

/** Where a terminal is let in, by the code that it shows (RFC 8628 section 3.3). */
export function TerminalScreen({ session, code }: TerminalScreenProps): JSX.Element {
  const { terminal: texts } = useWords();
  usePageTitle(texts.title);
  const api = useMemo(() => accountApi(session), [session]);
  return (
    <section class="card centred terminal-ask">
      <h1>{texts.title}</h1>
      {code === undefined ? <CodeEntry /> : <Answer key={code} api={api} code={code} />}
    </section>
  );
}

/** Asks for a decision, and says what came of it: in a place that is there before, as live regions must be. */
function Answer({ api, code }: { readonly api: AccountApi; readonly code: string }): JSX.Element {
  const [outcome, setOutcome] = useState('');
  return (
    <>
      {outcome === '' && <Decision api={api} code={code} onDecided={setOutcome} />}
      <p class="good-news" role="status">
        {outcome}
      </p>
    </>
  );
}

function CodeEntry(): JSX.Element {
  const { terminal: texts } = useWords();
  const [problem, setProblem] = useState('');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const code = readUserCode(String(new FormData(form).get('user-code') ?? ''));
    setProblem(code === undefined ? texts.codeBad : '');
    if (code !== undefined) goTo({ at: 'terminal', code });
    else (form.elements.namedItem('user-code') as HTMLElement | null)?.focus();
  };
  return (
    <form class="form proof" noValidate onSubmit={submit}>
      <TextField id="user-code" name="user-code" label={texts.code} hint={texts.lead} />
      <Alert>{problem}</Alert>
      <button type="submit" class="button primary wide">
        {texts.go}
      </button>
    </form>
  );
}

interface DecisionProps {
  readonly api: AccountApi;
  readonly code: string;
  onDecided(outcome: string): void;
}

/** Who asks, from where and since when: what a person needs to tell their own terminal from a stranger's. */
function Decision({ api, code, onDecided }: DecisionProps): JSX.Element {
  const words = useWords();
  const texts = words.terminal;
  const [problem, setProblem] = useState('');
  const { value, error } = useLoaded(async () => {
    const access = await api.access();
    const [waiting, passkeys] = await Promise.all([
      api.waysIn.lookAtTerminal(access, code),
      api.waysIn.passkeys(access),
    ]);
    return { waiting, hasPasskeys: passkeys.length > 0 };
  });
  const refuse = async () => {
    try {
      await api.waysIn.refuseTerminal(await api.access(), code);
      onDecided(texts.isRefused);
    } catch (failure) {
      setProblem(explain(failure, words));
    }
  };
  if (value === undefined) {
    if (error === undefined) return <Loading />;
    return (
      <>
        <Alert>{explain(error, words)}</Alert>
        <button type="button" class="button" onClick={() => goTo({ at: 'terminal' })}>
          {words.shell.tryAgain}
        </button>
      </>
    );
  }
  const { waiting, hasPasskeys } = value;
  return (
    <>
      <p class="lead">{texts.asks}</p>
      <p>{texts.compare}</p>
      <p class="terminal-code" translate={false}>
        {code}
      </p>
      <dl class="terminal-facts">
        <dt>{texts.name}</dt>
        <dd>
          <bdi>{waiting.device ?? texts.unnamed}</bdi>
        </dd>
        <dt>{texts.program}</dt>
        <dd>
          <bdi>{waiting.userAgent ?? texts.unnamed}</bdi>
        </dd>
        <dt>{texts.address}</dt>
        <dd>{waiting.address}</dd>
        <dt>{texts.asked}</dt>
        <dd>{timeAgo(waiting.askedAt, words)}</dd>
      </dl>
      <p class="note">{waiting.isNear ? texts.warning : texts.far}</p>
      <ProofForm
        api={api}
        submit={texts.letIn}
        hasPasskeys={hasPasskeys}
        act={async (proof) => {
          await api.waysIn.letTerminalIn(await api.access(), code, proof);
          onDecided(texts.isIn);
        }}
      />
      <Alert>{problem}</Alert>
      <button type="button" class="button wide" onClick={() => void refuse()}>
        {texts.refuse}
      </button>
    </>
  );
}

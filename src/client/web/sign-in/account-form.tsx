import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { isRefusal } from '../../client-error.ts';
import type { AskCode } from '../../second-factor.ts';
import { Alert } from '../parts/alert.tsx';
import type { BrowserSession } from '../session/browser-session.ts';
import { passkeysWork } from '../session/web-authn.ts';
import { explain } from '../words/explain.ts';
import { useWords } from '../words/use-words.ts';
import type { Words } from '../words/words.ts';
import { CodeForm } from './code-form.tsx';
import { PasswordField } from './password-field.tsx';
import { TextField } from './text-field.tsx';

/** What somebody wants: who is not signed in, or plays as a guest and wants to keep that. */
export type Mode = 'sign-in' | 'register' | 'recover' | 'keep';

export interface AccountFormProps {
  readonly mode: Mode;
  readonly session: BrowserSession;
}

interface Entries {
  readonly name: string;
  readonly code: string;
  readonly password: string;
}

/** The server refuses shorter ones; here it only spares the way there. */
const shortestPassword = 8;

/** One form for all ways in by a password. What is wrong is said once, below the fields, with the focus on the field. */
export function AccountForm({ mode, session }: AccountFormProps): JSX.Element {
  const words = useWords();
  const texts = words.signIn;
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [asking, setAsking] = useState<Asking>();
  /** The field that the server said no to; another object each time. */
  const [wrong, setWrong] = useState<{ readonly at: keyof Entries }>();
  const form = useRef<HTMLFormElement>(null);
  const isMounted = useRef(true);
  const id = useId();
  useEffect(
    () => () => {
      isMounted.current = false;
    },
    [],
  );

  const focus = (field: keyof Entries) => {
    (form.current?.elements.namedItem(field) as HTMLElement | null)?.focus();
  };
  // Only once the form is to be seen again: what is hidden takes no focus.
  useEffect(() => {
    if (wrong) focus(wrong.at);
  }, [wrong]);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy || form.current === null) return;
    const entries = entriesOf(form.current);
    const fault = faultOf(entries, mode, words);
    setProblem(fault?.text ?? '');
    if (fault) {
      focus(fault.at);
      return;
    }
    await run(() => enter(session, { mode, ...entries, askCode }), 'password');
  };
  const run = async (work: () => Promise<void>, at: keyof Entries) => {
    setBusy(true);
    setProblem('');
    try {
      await work();
    } catch (error) {
      if (!isMounted.current) return;
      setBusy(false);
      setAsking(undefined);
      // Whoever went back from the code knows what is missing.
      if (!hasGoneBack.current) setProblem(explain(error, words));
      setWrong({ at: fieldOf(error) ?? at });
    }
  };
  const hasGoneBack = useRef(false);
  const askCode = async (attempt: number): Promise<string | undefined> => {
    hasGoneBack.current = false;
    const code = await new Promise<string | undefined>((answer) => setAsking({ attempt, answer }));
    hasGoneBack.current = code === undefined;
    return code;
  };
  const usePasskey = () => {
    if (isBusy || form.current === null) return;
    hasGoneBack.current = false;
    const name = entriesOf(form.current).name.trim();
    void run(() => session.loginWithPasskey(name === '' ? undefined : name), 'name');
  };
  return (
    <>
      {asking && <CodeForm key={asking.attempt} {...asking} />}
      <form
        ref={form}
        class="form"
        noValidate
        // What was typed stays there for the way back.
        hidden={asking !== undefined}
        onSubmit={(event) => void submit(event)}
      >
        <TextField
          id={`${id}-name`}
          name="name"
          label={texts.name}
          hint={mode === 'register' || mode === 'keep' ? texts.nameHint : undefined}
          autoComplete="username"
        />
        {mode === 'recover' && (
          <TextField id={`${id}-code`} name="code" label={texts.recoveryCode} hint={texts.recoveryCodeHint} />
        )}
        <PasswordField
          id={`${id}-password`}
          label={mode === 'recover' ? texts.newPassword : texts.password}
          isNew={mode !== 'sign-in'}
        />
        <Alert>{problem}</Alert>
        <button type="submit" class="button primary wide" aria-disabled={isBusy}>
          {isBusy ? texts.busy : texts.submit[mode]}
        </button>
        {mode === 'sign-in' && passkeysWork() && (
          <button type="button" class="button wide" aria-disabled={isBusy} onClick={usePasskey}>
            {texts.passkey}
          </button>
        )}
      </form>
    </>
  );
}

interface Asking {
  readonly attempt: number;
  answer(code: string | undefined): void;
}

async function enter(
  session: BrowserSession,
  { mode, name, code, password, askCode }: Entries & { readonly mode: Mode; readonly askCode: AskCode },
): Promise<void> {
  switch (mode) {
    case 'sign-in':
      return await session.login({ name, password }, askCode);
    case 'register':
      return await session.register({ name, password });
    case 'recover':
      return await session.recover({ name, code, password }, askCode);
    case 'keep':
      return await session.upgradeGuest({ name, password });
  }
}

function faultOf(
  { name, code, password }: Entries,
  mode: Mode,
  { signIn: texts }: Words,
): { readonly at: keyof Entries; readonly text: string } | undefined {
  const missing = shortestPassword - [...password].length;
  if (name.trim() === '') return { at: 'name', text: texts.nameMissing };
  if (mode === 'recover' && code.trim() === '') return { at: 'code', text: texts.recoveryCodeMissing };
  if (password === '') return { at: 'password', text: texts.passwordMissing };
  if (mode !== 'sign-in' && missing > 0) return { at: 'password', text: texts.passwordShort(missing) };
  return undefined;
}

/** The field that a refusal is about, where it is about one. */
function fieldOf(error: unknown): keyof Entries | undefined {
  if (isRefusal(error, 'name_refused', 'name_taken')) return 'name';
  return isRefusal(error, 'recovery_refused') ? 'code' : undefined;
}

function entriesOf(form: HTMLFormElement): Entries {
  const read = (name: string) => String(new FormData(form).get(name) ?? '');
  return { name: read('name'), code: read('code'), password: read('password') };
}

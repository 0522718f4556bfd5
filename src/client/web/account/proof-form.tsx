import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { isRefusal } from '../../client-error.ts';
import type { Proof } from '../../ways-in-client.ts';
import { Alert } from '../parts/alert.tsx';
import { passkeysWork } from '../session/web-authn.ts';
import { PasswordField } from '../sign-in/password-field.tsx';
import { TextField } from '../sign-in/text-field.tsx';
import { explain } from '../words/explain.ts';
import { useWords } from '../words/use-words.ts';
import type { AccountApi } from './account-api.ts';

/** The name of the field in which a password is chosen, in forms that have one. */
export const newPassword = 'new-password';

export interface Fault {
  /** The name of a field. */
  readonly at: string;
  readonly text: string;
}

export interface ProofFormProps {
  readonly api: AccountApi;
  /** On the button that does it. */
  readonly submit: string;
  readonly isDangerous?: boolean;
  /** Whether the account has passkeys: one of them does, too. */
  readonly hasPasskeys: boolean;
  /** Fields besides. */
  readonly children?: ComponentChildren;
  /** What is wrong with the fields besides. */
  fault?(entries: FormData): Fault | undefined;
  /** Does it. */
  act(proof: Proof, entries: FormData): Promise<void>;
  onCancel?(): void;
}

/** Asks once more who is here, before something about the ways in is changed: for the password, or for a passkey. */
export function ProofForm(props: ProofFormProps): JSX.Element {
  const { api, submit, isDangerous, hasPasskeys, children, fault, act, onCancel } = props;
  const words = useWords();
  const { account: texts, signIn } = words;
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [needsCode, setNeedsCode] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const isMounted = useRef(true);
  const id = useId();
  const focus = (name: string) =>
    (form.current?.elements.namedItem(name) as HTMLElement | null | undefined)?.focus();
  useEffect(() => {
    form.current?.querySelector('input')?.focus();
    return () => {
      isMounted.current = false;
    };
  }, []);
  useEffect(() => {
    if (needsCode) focus('code');
  }, [needsCode]);

  const isFaulty = (wrong: Fault | undefined) => {
    setProblem(wrong?.text ?? '');
    if (wrong) focus(wrong.at);
    return wrong !== undefined;
  };
  const run = async (prove: (entries: FormData) => Promise<Proof>) => {
    if (isBusy || form.current === null) return;
    const entries = new FormData(form.current);
    if (isFaulty(fault?.(entries))) return;
    setBusy(true);
    try {
      await act(await prove(entries), entries);
      if (isMounted.current) setBusy(false);
    } catch (error) {
      if (!isMounted.current) return;
      setBusy(false);
      if (isRefusal(error, 'second_factor_needed') && !needsCode) {
        setNeedsCode(true);
        return;
      }
      setProblem(explain(error, words));
      focus(isRefusal(error, 'password_refused') ? newPassword : needsCode ? 'code' : 'password');
    }
  };
  const byPassword = (event: SubmitEvent) => {
    event.preventDefault();
    if (form.current === null) return;
    const entries = new FormData(form.current);
    const read = (name: string) => String(entries.get(name) ?? '');
    const ownFault = (): Fault | undefined => {
      if (read('password') === '') return { at: 'password', text: signIn.passwordMissing };
      if (needsCode && read('code').trim() === '') return { at: 'code', text: signIn.codeMissing };
      return undefined;
    };
    // In the order in which the fields stand.
    if (isFaulty(fault?.(entries) ?? ownFault())) return;
    const code = needsCode ? { code: read('code').trim() } : {};
    void run(async () => ({ current: read('password'), ...code }));
  };
  return (
    <form ref={form} class="form proof" noValidate onSubmit={byPassword}>
      {children}
      <PasswordField id={`${id}-password`} label={texts.password} isNew={false} />
      {needsCode && (
        <TextField
          id={`${id}-code`}
          name="code"
          label={signIn.code}
          hint={signIn.codeHint}
          autoComplete="one-time-code"
        />
      )}
      <Alert>{problem}</Alert>
      <div class="buttons">
        <button type="submit" class={isDangerous ? 'button danger' : 'button primary'} aria-disabled={isBusy}>
          {isBusy ? signIn.busy : submit}
        </button>
        {hasPasskeys && passkeysWork() && (
          <button
            type="button"
            class="button"
            aria-disabled={isBusy}
            onClick={() => void run(() => api.proveByPasskey())}
          >
            {texts.usePasskey}
          </button>
        )}
        {onCancel && (
          <button type="button" class="quiet" onClick={onCancel}>
            {texts.cancel}
          </button>
        )}
      </div>
    </form>
  );
}

import type { JSX } from 'preact';
import { CopyButton } from '../parts/copy-button.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { useWords } from '../words/use-words.ts';

export interface RecoveryCodesScreenProps {
  readonly codes: readonly string[];
  onKept(): void;
}

/** Shown once, right after registering: the only way back for somebody who forgets the password. */
export function RecoveryCodesScreen({ codes, onKept }: RecoveryCodesScreenProps): JSX.Element {
  const { recovery } = useWords();
  usePageTitle(recovery.title);
  return (
    <section class="card centred">
      <h1>{recovery.title}</h1>
      <p class="lead">{recovery.lead}</p>
      <ul class="recovery-codes" translate={false}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div class="buttons">
        <CopyButton text={() => codes.join('\n')} label={recovery.copy} done={recovery.copied} />
        <button type="button" class="button primary" onClick={onKept}>
          {recovery.kept}
        </button>
      </div>
    </section>
  );
}

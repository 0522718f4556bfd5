import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

export interface SectionProps {
  readonly title: string;
  readonly lead?: string;
  /** Good news, read aloud. */
  readonly said?: string;
  readonly children?: ComponentChildren;
}

/** One matter of the account. */
export function Section({ title, lead, said = '', children }: SectionProps): JSX.Element {
  const id = useId();
  return (
    <section class="card account-part" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {lead && <p class="hint">{lead}</p>}
      {children}
      <p class="good-news" role="status">
        {said}
      </p>
    </section>
  );
}

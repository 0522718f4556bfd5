import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useWords } from '../words/use-words.ts';
import { Loading } from './loading.tsx';

export interface WhenLoadedProps<Props> {
  readonly load: () => Promise<ComponentType<Props>>;
  readonly props: Props;
}

/** A part of the page that comes over the network when it is first needed. */
export function WhenLoaded<Props extends object>({ load, props }: WhenLoadedProps<Props>): JSX.Element {
  const { shell, errors } = useWords();
  const [part, setPart] = useState<{ readonly component: ComponentType<Props> }>();
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    let isOver = false;
    load().then(
      (component) => {
        if (!isOver) setPart({ component });
      },
      () => {
        if (!isOver) setFailed(true);
      },
    );
    return () => {
      isOver = true;
    };
  }, [load]);
  if (part) {
    const Part = part.component as ComponentType<object>;
    return <Part {...props} />;
  }
  if (!hasFailed) return <Loading />;
  return (
    <section class="card centred" role="alert">
      <p>{errors.partMissing}</p>
      <button type="button" class="button primary" onClick={() => location.reload()}>
        {shell.reload}
      </button>
    </section>
  );
}

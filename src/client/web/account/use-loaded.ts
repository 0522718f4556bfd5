import { useCallback, useEffect, useState } from 'preact/hooks';

export interface Loaded<T> {
  /** What was loaded last; it stays while it is loaded anew. */
  readonly value: T | undefined;
  readonly error: unknown;
  reload(): void;
}

/** Something that is asked of the server when it is first shown, and again on demand. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ value: T | undefined; error: unknown }>({
    value: undefined,
    error: undefined,
  });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isOver = false;
    load().then(
      (value) => {
        if (!isOver) setState({ value, error: undefined });
      },
      (error: unknown) => {
        if (!isOver) setState(({ value }) => ({ value, error }));
      },
    );
    return () => {
      isOver = true;
    };
  }, [turn]);
  const reload = useCallback(() => {
    // The old failure is not the answer to the new question.
    setState(({ value }) => ({ value, error: undefined }));
    setTurn((before) => before + 1);
  }, []);
  return { ...state, reload };
}

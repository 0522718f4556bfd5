import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Shows its content only when the wait has been longer than this many milliseconds. */
export function Delayed({
  ms,
  children,
}: {
  readonly ms: number;
  readonly children: ComponentChildren;
}): ComponentChildren {
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return isDue ? children : null;
}

import { useEffect, useReducer } from 'preact/hooks';
import type { ReadonlyCell } from '../../cell.ts';

/** The value of a cell, drawn anew whenever it changes. */
export function useCell<T>(cell: ReadonlyCell<T>): T {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const { value } = cell;
  useEffect(() => {
    // It may have changed between drawing and subscribing.
    if (!Object.is(cell.value, value)) redraw(undefined);
    return cell.subscribe(() => redraw(undefined));
  }, [cell]);
  return value;
}

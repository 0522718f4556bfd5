/** Figures, ratios and targets in words, alike in the terminal and on the page. */
import type { BenchResult, Judged } from './result.ts';

/** Three digits that count, and no more. */
export function showFigure(value: number | undefined): string {
  if (value === undefined) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

export function showRatio(value: number): string {
  return value.toFixed(2);
}

export function showTarget(target: Judged, bench: BenchResult['bench']): string {
  const { figure, peer, most, least, measured } = target;
  const form = bench.figures[figure];
  const bound = most === undefined ? `at least ${least}` : `at most ${most}`;
  const unit = peer === undefined ? ` ${form?.unit ?? ''}` : '';
  const what =
    peer === undefined ? `${form?.label ?? figure}` : `${form?.label ?? figure} by that of ${peer}`;
  const shown =
    measured === undefined ? 'not measured' : peer === undefined ? showFigure(measured) : showRatio(measured);
  return `${what}: ${bound}${unit}, measured ${shown}`;
}

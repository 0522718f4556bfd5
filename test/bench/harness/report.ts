/** A result as text for a terminal. */
import { type BenchResult, judge } from './result.ts';
import { showFigure, showRatio, showTarget } from './show.ts';

export function report(result: BenchResult): string {
  const { bench, castling, peers, ratio, spread } = result;
  const lines = [`${bench.name}: ${bench.question}`];
  for (const [figure, form] of Object.entries(bench.figures)) {
    lines.push(
      `  ${form.label} (${form.unit}${figure === 'cpuMicroseconds' ? ` a ${bench.operation}` : ''})`,
    );
    for (const [name, figures] of Object.entries({ castling, ...peers })) {
      const value = figures[figure];
      if (value === undefined) continue;
      const [least, most] = (name === 'castling' ? spread.castling : spread.peers[name])?.[figure] ?? [];
      const by = ratio[name]?.[figure];
      const range = `(${showFigure(least)} to ${showFigure(most)})`;
      const compared =
        by === undefined
          ? ''
          : `   ratio ${showRatio(by)} (${spread.ratio[name]?.[figure]?.map(showRatio).join(' to ')})`;
      lines.push(`    ${name.padEnd(20)} ${showFigure(value).padStart(9)} ${range.padEnd(22)}${compared}`);
    }
  }
  if (bench.generator !== undefined) {
    const { perSecond, generatorBusy } = bench.generator;
    lines.push(
      `  The load generator against a null server: ${showFigure(perSecond)} ${bench.operation}s/s, ${showFigure(generatorBusy)} % of a core.`,
    );
  }
  for (const target of judge(result))
    lines.push(`  ${target.isMet ? 'met   ' : 'MISSED'} ${showTarget(target, bench)}`);
  return `${lines.join('\n')}\n`;
}

import { OperatorError } from '../process/operator-error.ts';
import { mostProblems, type Problem, problemText } from './reading/located.ts';

/** Settings that cannot be used, with every mistake in them. */
export class SettingsError extends OperatorError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], of: string) {
    const [first] = problems;
    const isOnlyFlags = problems.every(({ at }) => at.from === 'flag');
    const code = isOnlyFlags ? 'usage' : 'settings_invalid';
    if (problems.length === 1 && first !== undefined) super(code, problemText(first));
    else {
      super(code, `${of}: ${problems.length} mistakes, so nothing of it is used.`, {
        details: shownProblems(problems),
      });
    }
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

function shownProblems(problems: readonly Problem[]): string[] {
  const lines = problems.slice(0, mostProblems).map(problemText);
  const more = problems.length - lines.length;
  return more > 0 ? [...lines, `… and ${more} more`] : lines;
}

import { OperatorError } from './operator-error.ts';
import { belowFloor } from './version-floors.ts';

export interface JudgeVersionsOptions {
  readonly production: boolean;
  /** The operator has said that an old Node is to be taken in production, too. */
  readonly allowed: boolean;
  readonly versions?: Parameters<typeof belowFloor>[0];
}

/**
 * Gives the sentence that says how Node is older than its floor, for the log of a process that is up; `undefined` when it is not.
 * In production an old one is refused, unless the operator insists.
 *
 * @throws OperatorError `settings_invalid`
 */
export function judgeVersions({ production, allowed, versions }: JudgeVersionsOptions): string | undefined {
  const old = belowFloor(versions);
  if (old.length === 0) return undefined;
  const found = old.map(({ part, found, least }) => `${part} ${found} (${least} is asked for)`).join(', ');
  if (production && !allowed) {
    throw new OperatorError(
      'settings_invalid',
      `Not for production: ${found}. Install a newer Node.js and start with that one, or say unsafeOldNode: true to take the risk.`,
    );
  }
  return `Not for production: ${found}.`;
}

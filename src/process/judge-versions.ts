import type { Logger } from './logger.ts';
import { OperatorError } from './operator-error.ts';
import { belowFloor } from './version-floors.ts';

export interface JudgeVersionsOptions {
  readonly production: boolean;
  /** The operator has said that an old Node is to be taken in production, too. */
  readonly allowed: boolean;
  readonly logger: Pick<Logger, 'warn'>;
  readonly versions?: Parameters<typeof belowFloor>[0];
}

/**
 * Says loudly at the start that Node is older than its floor; in production it is refused, unless the operator insists.
 *
 * @throws OperatorError `settings_invalid`
 */
export function judgeVersions({ production, allowed, logger, versions }: JudgeVersionsOptions): void {
  const old = belowFloor(versions);
  if (old.length === 0) return;
  const found = old.map(({ part, found, least }) => `${part} ${found} (${least} is asked for)`).join(', ');
  if (production && !allowed) {
    throw new OperatorError(
      'settings_invalid',
      `Not for production: ${found}. Install a newer Node.js and start with that one, or say unsafeOldNode: true to take the risk.`,
    );
  }
  logger.warn({ old }, `Not for production: ${found}.`);
}

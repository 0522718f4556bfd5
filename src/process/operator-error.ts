import { ExitCode } from './exit-code.ts';

/** What an operator can do something about, and how the process ends for it. */
export const OPERATOR_ERRORS = {
  usage: { exitCode: ExitCode.usage },
  port_taken: { exitCode: ExitCode.unavailable },
  port_forbidden: { exitCode: ExitCode.configuration },
  address_unavailable: { exitCode: ExitCode.configuration },
  disk_full: { exitCode: ExitCode.temporary },
  too_many_files: { exitCode: ExitCode.temporary },
  folder_unusable: { exitCode: ExitCode.configuration },
  file_missing: { exitCode: ExitCode.configuration },
  file_unreadable: { exitCode: ExitCode.configuration },
  settings_invalid: { exitCode: ExitCode.configuration },
  certificate_invalid: { exitCode: ExitCode.configuration },
  development_certificate_refused: { exitCode: ExitCode.configuration },
  dependencies_missing: { exitCode: ExitCode.configuration },
  child_failed: { exitCode: ExitCode.configuration },
  unavailable: { exitCode: ExitCode.unavailable },
  not_running: { exitCode: ExitCode.unavailable },
} as const satisfies Record<string, { exitCode: ExitCode }>;

export type OperatorErrorCode = keyof typeof OPERATOR_ERRORS;

/**
 * An error whose message is one sentence (or two) written for the person who runs Castling: what is wrong and what
 * to do. It is shown without a stack; details for a developer belong in `cause`.
 */
export class OperatorError extends Error {
  readonly code: OperatorErrorCode;
  readonly exitCode: ExitCode;
  /** Further lines, where the sentence announces a list. */
  readonly details: readonly string[];

  constructor(
    code: OperatorErrorCode,
    message: string,
    options?: { cause?: unknown; exitCode?: ExitCode; details?: readonly string[] },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'OperatorError';
    this.code = code;
    this.details = options?.details ?? [];
    this.exitCode = options?.exitCode ?? OPERATOR_ERRORS[code].exitCode;
  }
}

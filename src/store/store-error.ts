import { ExitCode } from '../process/exit-code.ts';

/** What can be wrong with a database, and how a process ends that cannot begin for it. */
const storeErrors = {
  url_invalid: ExitCode.configuration,
  engine_unsupported: ExitCode.configuration,
  cannot_open: ExitCode.configuration,
  schema_newer: ExitCode.configuration,
  unsafe_settings: ExitCode.configuration,
  busy: ExitCode.temporary,
  fenced: ExitCode.temporary,
  disk_full: ExitCode.temporary,
  io_failed: ExitCode.configuration,
  corrupt: ExitCode.configuration,
  closed: ExitCode.software,
} as const satisfies Record<string, ExitCode>;

export type StoreErrorCode = keyof typeof storeErrors;

/** What went wrong with a database, in a sentence that says what to do; the engine's own error is the `cause`. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  readonly exitCode: ExitCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.exitCode = storeErrors[code];
  }
}

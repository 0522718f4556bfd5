import type { ClientExit } from './client-exit.ts';

/** An error whose message is one sentence (or two) for the person at the terminal: what is wrong and what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  /** For scripts, in the `--json` output. */
  readonly code: string;
  readonly exitCode: ClientExit;

  constructor(
    code: string,
    message: string,
    { exitCode, cause }: { readonly exitCode: ClientExit; readonly cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.exitCode = exitCode;
  }
}

import { ExitCode } from './exit-code.ts';
import { OperatorError } from './operator-error.ts';
import { printable, printableStack } from './printable.ts';
import { scrubText } from './redaction.ts';

/** What a command touches of its process; handed in so that a test can watch it. */
export type CommandProcess = {
  stderr: { write(text: string): unknown };
  env: Readonly<Record<string, string | undefined>>;
  exit(code: number): void;
};

/**
 * Runs the action of a sub-command. When it fails, prints one sentence on standard error, without a stack, and ends
 * the process with the error's exit code. An error that nobody foresaw says so; `CASTLING_DEBUG=1` adds its stack.
 */
export async function runCommand(
  action: () => Promise<void> | void,
  commandProcess: CommandProcess = process,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    commandProcess.stderr.write(`castling: ${scrubText(sentenceFor(error))}\n`);
    for (const line of detailsOf(error)) commandProcess.stderr.write(`  ${scrubText(printable(line))}\n`);
    if (commandProcess.env.CASTLING_DEBUG && error instanceof Error && error.stack) {
      commandProcess.stderr.write(`${scrubText(printableStack(error.stack))}\n`);
    }
    commandProcess.exit(isForOperator(error) ? error.exitCode : ExitCode.software);
  }
}

function sentenceFor(error: unknown): string {
  if (isForOperator(error)) return printable(error.message);
  const message = printable(error instanceof Error ? error.message : String(error));
  return `unexpected error: ${message} (this is a fault in Castling; CASTLING_DEBUG=1 shows where)`;
}

function detailsOf(error: unknown): readonly string[] {
  return error instanceof OperatorError ? error.details : [];
}

/** Errors whose message is a sentence for the person at the machine say with which code the process ends. */
function isForOperator(error: unknown): error is Error & { readonly exitCode: number } {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number';
}

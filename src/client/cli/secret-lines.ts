import { CliError } from './cli-error.ts';
import { ClientExit } from './client-exit.ts';
import type { Terminal } from './terminal.ts';

/** Characters of all lines together beyond which something is wrong. */
const longest = 16_384;

/**
 * Reads so many secrets from standard input, one a line, for `--password-stdin`; the lines' ends do not count.
 *
 * @throws CliError `password_missing` when there are fewer, or one is empty
 */
export async function readSecretLines(
  { stdin }: Pick<Terminal, 'stdin'>,
  names: readonly string[],
): Promise<readonly string[]> {
  stdin.setEncoding('utf8');
  let text = '';
  for await (const chunk of stdin) {
    text += chunk;
    if (text.split('\n').length > names.length || text.length > longest) break;
  }
  const lines = text.slice(0, longest).split('\n').slice(0, names.length);
  const secrets = lines.map((line) => line.replace(/\r$/, ''));
  if (secrets.length === names.length && !secrets.includes('')) return secrets;
  throw new CliError(
    'password_missing',
    `Standard input must have ${names.length} lines: ${names.join(', then ')}. Nothing was sent.`,
    { exitCode: ClientExit.usage },
  );
}

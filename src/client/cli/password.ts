import { askSecret, canHide, readSecretLine } from './ask.ts';
import { CliError } from './cli-error.ts';
import { ClientExit } from './client-exit.ts';
import type { Terminal } from './terminal.ts';

/** Times that two different new passwords are taken for a slip of the finger. */
const tries = 3;

/**
 * The password, asked for without echo, or the first line of standard input with `--password-stdin`. There is no other
 * way in: an argument or a variable would be seen by every process of the machine (CWE-214).
 *
 * @param options.isNew asks twice, since nobody sees what is typed.
 * @throws CliError `password_missing`, `passwords_differ`, `interrupted`
 */
export async function obtainPassword(
  terminal: Terminal,
  options: { readonly fromStdin: boolean; readonly isNew: boolean },
): Promise<string> {
  const password = options.fromStdin ? await readSecretLine(terminal) : await ask(terminal, options.isNew);
  if (password !== '') return password;
  throw new CliError('password_missing', 'The password is empty; nothing was sent.', {
    exitCode: ClientExit.usage,
  });
}

async function ask(terminal: Terminal, isNew: boolean): Promise<string> {
  if (!canHide(terminal)) {
    const message = 'There is no terminal to ask for the password; pipe it in with --password-stdin.';
    throw new CliError('password_missing', message, { exitCode: ClientExit.usage });
  }
  if (!isNew) return askSecret(terminal, 'Password: ');
  for (let attempt = 1; attempt <= tries; attempt++) {
    const password = await askSecret(terminal, 'New password: ');
    if (password === '' || password === (await askSecret(terminal, 'Again: '))) return password;
    terminal.stderr.write('These two differ; once more.\n');
  }
  throw new CliError('passwords_differ', 'The two passwords differ; nothing was sent.', {
    exitCode: ClientExit.usage,
  });
}

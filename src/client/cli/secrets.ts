import { askSecret, canHide } from './ask.ts';
import { CliError } from './cli-error.ts';
import { ClientExit } from './client-exit.ts';
import type { Terminal } from './terminal.ts';

/** Times that two different new passwords, or wrong codes, are taken for a slip of the finger. */
const tries = 3;
/** Characters of one secret beyond which something is wrong. The server's own bounds are in bytes. */
const longest = 4096;

export interface Question {
  /** What a person at a terminal reads. */
  readonly prompt: string;
  /** What the line of a pipe is missing when it is missing, such as `the password`. */
  readonly name: string;
  /** Whether no answer is one; a person may then give it, and a pipe may not. */
  readonly isOptional?: boolean;
}

export const presentPassword: Question = { prompt: 'Password: ', name: 'the password' };

/**
 * The secrets that a command needs, asked for one by one as they are needed: of a person, without echo, or with
 * `--password-stdin` a line of standard input each. There is no other way in: an argument or a variable would be seen by every
 * process of the machine (CWE-214).
 */
export class Secrets {
  readonly #terminal: Terminal;
  readonly #lines: AsyncIterator<string> | undefined;

  constructor(terminal: Terminal, { fromStdin = false }: { readonly fromStdin?: boolean | undefined } = {}) {
    this.#terminal = terminal;
    this.#lines = fromStdin ? linesOf(terminal.stdin) : undefined;
  }

  /** @throws CliError `password_missing`, `interrupted` */
  async ask({ prompt, name, isOptional = false }: Question): Promise<string> {
    const secret =
      this.#lines === undefined ? await this.#askPerson(prompt, name) : ((await this.#nextLine()) ?? '');
    if (secret !== '' || (isOptional && this.#lines === undefined)) return secret;
    const where = this.#lines === undefined ? `You gave no answer: ${name} is empty` : missingLine(name);
    throw new CliError('password_missing', `${where}; nothing was changed.`, { exitCode: ClientExit.usage });
  }

  /** A new password; a person is asked twice, since nobody sees what is typed. @throws CliError `passwords_differ`, and as above */
  async askNew(): Promise<string> {
    const first = { prompt: 'New password: ', name: 'the new password' };
    if (this.#lines !== undefined) return await this.ask(first);
    for (let attempt = 1; attempt <= tries; attempt++) {
      const password = await this.ask(first);
      if (password === (await this.ask({ ...first, prompt: 'Again: ' }))) return password;
      this.#terminal.stderr.write('These two differ; once more.\n');
    }
    throw new CliError('passwords_differ', 'The two passwords differ; nothing was sent.', {
      exitCode: ClientExit.usage,
    });
  }

  /** A code of the second factor, for the n-th time, from 1; `undefined` when it is no use to ask again. */
  readonly askCode = async (attempt: number): Promise<string | undefined> => {
    if (attempt > (this.#lines === undefined ? tries : 1)) return undefined;
    if (attempt > 1) this.#terminal.stderr.write('That code is wrong, or was used before.\n');
    return await this.ask({
      prompt: 'Code of your authenticator app, or a recovery code: ',
      name: 'the code of your authenticator app',
    });
  };

  async #askPerson(prompt: string, name: string): Promise<string> {
    if (canHide(this.#terminal)) return await askSecret(this.#terminal, prompt);
    const message = `There is no terminal to ask for ${name}; pipe it in with --password-stdin.`;
    throw new CliError('password_missing', message, { exitCode: ClientExit.usage });
  }

  async #nextLine(): Promise<string | undefined> {
    const { value, done } = (await this.#lines?.next()) ?? { done: true };
    return done ? undefined : value;
  }
}

function missingLine(name: string): string {
  return `Standard input has no line with ${name}`;
}

/** Lines without their ends. Reads no further than it is asked to, and leaves the input open between two lines. */
async function* linesOf(stdin: Terminal['stdin']): AsyncGenerator<string> {
  stdin.setEncoding('utf8');
  let text = '';
  for await (const chunk of stdin) {
    text += chunk;
    const lines = text.split('\n');
    text = (lines.pop() ?? '').slice(0, longest);
    for (const line of lines) yield line.replace(/\r$/, '').slice(0, longest);
  }
  if (text !== '') yield text;
}

import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { explainSystemError, systemErrorCode } from '../../process/explain-system-error.ts';
import { packageRoot } from '../../process/folders.ts';
import { OperatorError } from '../../process/operator-error.ts';
import { runCommand } from '../../process/run-command.ts';
import { PRIVATE_FILE_MODE } from '../../process/secure-file.ts';
import { exampleFile } from '../documents/example-file.ts';

/** `castling config init`: a settings file to begin with. */
export function registerInit(config: Command): void {
  config
    .command('init')
    .description('Write a settings file in which every key stands as a comment with its default.')
    .argument('[file]', 'the file; one that exists is left alone', 'castling.yaml')
    .action((file: string) =>
      runCommand(async () => {
        const path = resolve(file);
        await writeNew(path, exampleFile({ schema: join(packageRoot(), 'docs', 'castling.schema.json') }));
        process.stdout.write(`${path} is written; take the # before a key away to set it.\n`);
      }),
    );
}

/** For this account only: secrets may be written into it. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: PRIVATE_FILE_MODE });
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') {
      throw new OperatorError('usage', `${path} exists; name another file, or move it away.`, {
        cause: error,
      });
    }
    throw explainSystemError(error, { doing: 'write', path }) ?? error;
  }
}

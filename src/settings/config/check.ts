import { resolve } from 'node:path';
import type { Command } from 'commander';
import { runCommand } from '../../process/run-command.ts';
import { loadSettings } from '../load-settings.ts';
import { settingsKeys } from '../settings-keys.ts';
import { writtenValue } from '../written-value.ts';
import { explanationOf } from './explain.ts';

/** `castling config check FILE`: whether a settings file can be used, without using it. */
export function registerCheck(config: Command): void {
  config
    .command('check')
    .description(
      'Check a settings file, alone: without environment and flags. Ends with 78 when it cannot be used.',
    )
    .argument('[file]', 'the file (default: castling.yaml)')
    .option('--explain', 'say what each key in it does')
    .action((file: string | undefined, flags: { explain?: boolean }) =>
      runCommand(async () => {
        const cwd = process.cwd();
        const path = resolve(cwd, file ?? 'castling.yaml');
        const env = withoutSettings(process.env);
        const { settings, origins, digest } = await loadSettings({ flags: [], env, cwd, file: path });
        const given = settingsKeys.filter(({ key }) => origins.get(key)?.from === 'file');
        const lines = flags.explain
          ? given.flatMap((key) => explanationOf(key, writtenValue(settings, key)))
          : [];
        const count = given.length === 1 ? '1 key' : `${given.length} keys`;
        process.stdout.write(
          `${[...lines, `${path} is in order: ${count}, digest ${digest}.`].join('\n')}\n`,
        );
      }),
    );
}

/** The environment of this shell is not the one in which the file will be used. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const variables = new Set(settingsKeys.map(({ variable }) => variable));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !variables.has(name)));
}

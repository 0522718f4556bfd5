import type { Command } from 'commander';
import { askControl } from '../../process/control/index.ts';
import { OperatorError } from '../../process/operator-error.ts';
import { printable } from '../../process/printable.ts';
import { runCommand } from '../../process/run-command.ts';
import { dataFolderOf } from '../data-folder.ts';
import type { ReloadOutcome } from '../live/live-settings.ts';
import { settingsOptions } from '../settings-options.ts';

/** `castling config reload`: the Castling that runs reads its settings again, now. */
export function registerReload(config: Command): void {
  const command = config
    .command('reload')
    .description(
      'Let the Castling that runs here read its settings again, and say what became of them. A changed file is also noticed ' +
        'without this, within about a second. Ends with 78 when the new settings are refused.',
    )
    .option('--json', 'one JSON object a line');
  const sources = settingsOptions(command, ['data']);
  command.action((flags: { json?: boolean }) =>
    runCommand(async () => {
      const data = await dataFolderOf(sources());
      let refused = false;
      for await (const answer of askControl('POST /config/reload', { data })) {
        if ('error' in answer) throw new OperatorError('unavailable', answer.error.message);
        const outcome = answer.value as ReloadOutcome;
        const lines = flags.json
          ? [JSON.stringify({ from: answer.from, ...outcome })]
          : told(answer.from, outcome);
        process.stdout.write(`${lines.map(printable).join('\n')}\n`);
        refused ||= outcome.kind === 'refused';
      }
      if (refused)
        throw new OperatorError('settings_invalid', 'the new settings are refused, and the old ones stay.');
    }),
  );
}

function told(from: string, outcome: ReloadOutcome): string[] {
  if (outcome.kind === 'refused')
    return [`${from}: refused`, ...outcome.reasons.map((reason) => `  ${reason}`)];
  const changed = outcome.kind === 'applied' ? outcome.changed : [];
  const head = changed.length === 0 ? 'nothing to change at once' : `changed: ${changed.join(', ')}`;
  const waiting =
    outcome.restart.length === 0 ? [] : [`  waiting for a restart: ${outcome.restart.join(', ')}`];
  return [`${from}: ${head}`, ...waiting];
}

import { existsSync } from 'node:fs';
import { controlPath } from '../../process/control/index.ts';
import { type Check, fault, note, ok, warning } from '../check.ts';

/** Whether the Castling of the data folder runs, answers its operator, and could serve a player. */
export const controlCheck: Check = {
  name: 'control socket',
  run: ({ running, settings: { data } }) => {
    switch (running.state) {
      case 'none': {
        const left = process.platform !== 'win32' && existsSync(controlPath(data));
        return [
          note(
            left
              ? 'No Castling runs; one that was killed has left its control socket, which the next start takes over.'
              : 'No Castling runs with this data folder.',
          ),
        ];
      }
      case 'silent':
        return [
          fault(
            `A Castling of this data folder cannot be asked: ${running.why}`,
            'Read its log; if it does not recover, end it and start it again.',
          ),
        ];
      case 'running': {
        const { processes, waiting } = running;
        const late = processes.filter(({ reasons }) => reasons.length > 0);
        const findings = late.map(({ process: name, reasons }) =>
          fault(
            `The ${name} is not ready: ${reasons.join('; ')}.`,
            'Ask again in a minute; if it stays so, its log says why.',
          ),
        );
        if (waiting.length > 0) findings.push(waits(waiting));
        if (findings.length > 0) return findings;
        return [
          ok(
            `Castling runs here with ${processes.length === 1 ? '1 proxy process' : `${processes.length} proxy processes`}, and is ready.`,
          ),
        ];
      }
    }
  },
};

function waits(keys: readonly string[]) {
  return warning(
    `What was changed of ${keys.join(', ')} does not count yet.`,
    'Start Castling again when it suits; players come back by themselves.',
  );
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { runCommand } from '../../../process/run-command.ts';
import { dataFolderOf, settingsOptions } from '../../../settings/index.ts';
import { type Figures, figuresOf } from './figures.ts';
import { FullScreen } from './full-screen.ts';
import { takeSample } from './sample.ts';
import { screenOf } from './screen.ts';

interface Flags {
  readonly every: number;
  readonly once?: boolean;
  readonly json?: boolean;
}

/** `castling top`: what goes on now, drawn anew every second or two. */
export function registerTop(program: Command): void {
  const command = program
    .command('top')
    .description(
      'Show players, matches, rates and latencies of the Castling that runs on this machine, as they change. Ends with q.',
    )
    .option('--every <seconds>', 'time between two looks, 0.5 to 60', readSeconds, 2)
    .option('--once', 'look once over that time, print it and end; so it is without a terminal')
    .option('--json', 'one JSON object a look, for programs');
  const sources = settingsOptions(command, ['data']);
  command.action((flags: Flags) =>
    runCommand(async () => {
      const data = await dataFolderOf(sources());
      if (flags.json) return await follow(data, flags, (figures) => printLine(JSON.stringify(figures)));
      const isOnce = flags.once === true || process.stdout.isTTY !== true;
      if (isOnce) {
        const show = (figures: Figures) => printLine(screenOf(figures).join('\n'));
        return await follow(data, { ...flags, once: true }, show);
      }
      const screen = new FullScreen(process);
      try {
        screen.draw(['castling   looking…']);
        const show = (figures: Figures) => screen.draw([...screenOf(figures), '', 'q ends']);
        await follow(data, flags, show, screen.left);
      } finally {
        screen.close();
      }
    }),
  );
}

async function follow(
  data: string,
  { every, once }: Flags,
  show: (figures: Figures) => void,
  left?: AbortSignal,
): Promise<void> {
  let before = await takeSample(data);
  do {
    await sleep(every * 1_000, undefined, left && { signal: left }).catch(() => {});
    if (left?.aborted) return;
    const now = await takeSample(data);
    show(figuresOf(before, now));
    before = now;
  } while (!once);
}

function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds >= 0.5 && seconds <= 60) return seconds;
  throw new InvalidArgumentError('Give a number of seconds between 0.5 and 60.');
}

import type { Command } from 'commander';
import type { ControlRequest } from '../../process/control/control-routes.ts';
import { askControlForAll } from '../../process/control/index.ts';
import { OperatorError } from '../../process/operator-error.ts';
import { printableJson } from '../../process/printable.ts';
import { runCommand } from '../../process/run-command.ts';
import { dataFolderOf, settingsOptions } from '../../settings/index.ts';
import type { Decision } from '../policy/decisions/decision.ts';
import type { RecentDecisions } from '../policy/decisions/recent-decisions.ts';
import { decisionLine, decisionStory } from './decision-story.ts';

/** Decisions that are listed when no request is named. */
const listed = 20;

/** `GET /decisions`: the one of `request`, or the latest. */
export function askDecisions(decisions: RecentDecisions, { query: { request } }: ControlRequest): Decision[] {
  if (request === undefined) return decisions.latest(listed);
  const found = decisions.find(request);
  return found === undefined ? [] : [found];
}

/** `castling why`: the story of a request that was refused, ended a socket, or took long. */
export function registerWhy(program: Command): void {
  const command = program
    .command('why')
    .description('Tell why a request was refused or slow, by the request id that the player was told.')
    .argument('[request-id]', 'such as r_5f3a9c1b2k; without one, the latest are listed')
    .option('--json', 'one JSON object a line');
  const sources = settingsOptions(command, ['data']);
  command.action((requestId: string | undefined, flags: { json?: boolean }) =>
    runCommand(async () => {
      const data = await dataFolderOf(sources());
      const query = requestId === undefined ? {} : { request: requestId };
      const answers = await askControlForAll<Decision[]>('GET /decisions', { data, query });
      const decisions = answers.flat().sort((a, b) => b.at - a.at);
      if (requestId !== undefined && decisions.length === 0) throw notRemembered(requestId);
      const inWords = requestId === undefined ? decisionLine : decisionStory;
      for (const decision of decisions.slice(0, listed)) {
        const text = flags.json ? printableJson(JSON.stringify(decision)) : inWords(decision, Date.now());
        process.stdout.write(`${text}\n`);
      }
    }),
  );
}

function notRemembered(requestId: string): OperatorError {
  return new OperatorError(
    'unavailable',
    `Nobody here remembers ${requestId}. It was not refused, or too long ago, or before the last restart, or by another machine; the log may still have it.`,
  );
}

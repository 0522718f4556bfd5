import type { TerminalGame } from '../../games/index.ts';
import type { ClientContext } from '../client-command.ts';
import { JsonPresenter } from './json-presenter.ts';
import type { Presenter } from './presenter.ts';
import { TranscriptPresenter } from './transcript-presenter.ts';

/** Whether the board is drawn in place: in a terminal on both sides, unless lines were asked for. */
export function drawsBoard(
  { terminal, json }: Pick<ClientContext, 'terminal' | 'json'>,
  { plain = false }: { readonly plain?: boolean | undefined },
): boolean {
  return !json && !plain && terminal.stdin.isTTY === true && terminal.stdout.isTTY === true;
}

/** How a match that is not drawn is told: as JSON, or as the classroom transcript. */
export function choosePresenter(
  { terminal, json, call }: Pick<ClientContext, 'terminal' | 'json' | 'call'>,
  game: TerminalGame,
): Presenter {
  return json ? new JsonPresenter(terminal.stdout) : new TranscriptPresenter({ terminal, game, call });
}

import { printable } from '../../../process/printable.ts';
import type { TerminalGame } from '../../games/index.ts';
import type { Match, MatchUpdate } from '../../match.ts';
import type { MatchState } from '../../match-state.ts';
import type { Terminal } from '../terminal.ts';
import { type ConnectionNotice, noticeTexts } from './connection-notices.ts';
import { nameOfSeat, outcomeFor } from './outcome.ts';
import type { Presenter } from './presenter.ts';

/**
 * The classroom program's transcript on standard output: the board in three rows, `Enter your move :`,
 * `opponent played :`, `you have won`, `opp has won` or `draw`, `Game ended`. Everything that the old program did not
 * say goes to standard error, so that a pipe sees the transcript and nothing else.
 */
export class TranscriptPresenter implements Presenter {
  readonly #terminal: Pick<Terminal, 'stdin' | 'stdout' | 'stderr'>;
  readonly #game: TerminalGame;
  readonly #call: (command: string) => string;
  #match: Match | undefined;
  /** The board was printed once. */
  #begun = false;

  constructor(options: {
    readonly terminal: Pick<Terminal, 'stdin' | 'stdout' | 'stderr'>;
    readonly game: TerminalGame;
    readonly call: (command: string) => string;
  }) {
    this.#terminal = options.terminal;
    this.#game = options.game;
    this.#call = options.call;
  }

  waiting(): void {
    this.#aside('waiting for an opponent...');
  }

  entered(match: Match): void {
    this.#match = match;
    if (match.state.status !== 'waiting') return;
    if (match.code !== undefined) {
      this.#print(`Invite code: ${printable(match.code)}`);
      this.#aside(
        `the other player runs: ${this.#call(`play ${match.game} --join ${printable(match.code)}`)}`,
      );
    }
    this.waiting();
  }

  updated(update: MatchUpdate): void {
    const { state } = update;
    if (state.status === 'waiting') return;
    if (update.kind === 'snapshot' || !this.#begun) this.#begin(state);
    else if (update.event.type === 'moved') {
      const { seat, move } = update.event;
      if (seat !== this.#seat) {
        const who = this.#seat === null ? nameOfSeat(state, seat) : 'opponent';
        this.#print(`${who} played : ${this.#game.nameMove(move)}`);
      }
      this.#printBoard(state);
    }
    const justEnded = update.kind === 'snapshot' ? state.status === 'over' : update.event.type === 'ended';
    if (justEnded) this.#printEnd(state);
  }

  presence(): void {}

  notice(notice: ConnectionNotice): void {
    this.#aside(noticeTexts[notice]);
  }

  askMove(): void {
    // A person's Enter ends the line; a pipe's reader needs it ended here.
    const end = this.#terminal.stdin.isTTY ? ' ' : '\n';
    this.#terminal.stdout.write(`Enter your move :${end}`);
  }

  refused(reason: string): void {
    this.#aside(printable(reason));
  }

  get #seat(): number | null {
    return this.#match?.seat ?? null;
  }

  #begin(state: MatchState): void {
    this.#begun = true;
    const players = state.seats.map(
      ({ seat }) => `${this.#game.marks[seat] ?? seat} ${nameOfSeat(state, seat)}`,
    );
    const role = this.#seat === null ? 'watching' : `you play ${this.#game.marks[this.#seat] ?? this.#seat}`;
    this.#aside(`match ${state.match}: ${players.join(', ')}; ${role}`);
    this.#printBoard(state);
  }

  #printBoard({ state }: MatchState): void {
    for (const row of this.#game.plainBoard(this.#game.readPosition(state))) this.#print(row);
  }

  #printEnd(state: MatchState): void {
    const { result } = state;
    if (result === null) return;
    switch (outcomeFor(result, this.#seat)) {
      case 'won':
        this.#print('you have won');
        break;
      case 'lost':
        this.#print('opp has won');
        break;
      case 'drawn':
        this.#print('draw');
        break;
      case 'cancelled':
        this.#print('match cancelled');
        break;
      case 'watched':
        this.#print(result.kind === 'won' ? `${nameOfSeat(state, result.seat)} has won` : 'draw');
        break;
    }
    this.#print('Game ended');
  }

  #print(line: string): void {
    this.#terminal.stdout.write(`${line}\n`);
  }

  #aside(line: string): void {
    this.#terminal.stderr.write(`${line}\n`);
  }
}

import { printable } from '../../../process/printable.ts';
import { ClientError } from '../../client-error.ts';
import type { Connection } from '../../connection.ts';
import type { Paint, TerminalGame } from '../../games/index.ts';
import type { Match, MatchUpdate } from '../../match.ts';
import type { Terminal } from '../terminal.ts';
import { watchConnection } from './connection-notices.ts';
import { whenAborted } from './interrupts.ts';
import { type PressedKey, readKeys } from './keys.ts';
import { drawMatch, type MatchView, mayChoose } from './match-picture.ts';
import { nameOfSeat } from './outcome.ts';
import { Screen } from './screen.ts';

/** How the player stopped looking at a match. */
export type InteractiveEnd =
  | { readonly kind: 'quit' | 'interrupted' }
  /** Both want to play again; this is the new match. */
  | { readonly kind: 'next'; readonly match: string };

interface InteractiveOptions {
  readonly connection: Connection;
  readonly match: Match;
  readonly game: TerminalGame;
  readonly terminal: Terminal;
  readonly paint: Paint;
  readonly signal: AbortSignal;
}

/**
 * One match on a terminal: the board drawn and redrawn in place, moves by keys.
 *
 * @throws ClientError when the connection, or the match, is lost for good
 */
export async function playInteractively(options: InteractiveOptions): Promise<InteractiveEnd> {
  return new InteractiveMatch(options).run();
}

class InteractiveMatch {
  readonly #options: InteractiveOptions;
  readonly #screen: Screen;
  readonly #ended = Promise.withResolvers<InteractiveEnd>();
  #cursor: unknown;
  #trouble: MatchView['trouble'];
  #message: MatchView['message'];
  #sending = false;
  #confirming: MatchView['confirming'];

  constructor(options: InteractiveOptions) {
    this.#options = options;
    const { game, match, terminal } = options;
    this.#cursor = game.firstCursor(game.readPosition(match.state.state));
    this.#screen = new Screen(terminal.stdout);
  }

  async run(): Promise<InteractiveEnd> {
    const { connection, match, terminal, signal } = this.#options;
    const { stdout } = terminal;
    const resize = () => this.#screen.resized(this.#picture());
    const stops = [
      readKeys(terminal, (key) => this.#press(key)),
      match.updates.subscribe((update) => this.#updated(update)),
      match.presence.subscribe(() => this.#redraw()),
      match.standing.subscribe((standing) => {
        if (standing.phase === 'lost') this.#ended.reject(standing.error);
      }),
      connection.state.subscribe((state) => {
        if (state.phase === 'closed') this.#ended.reject(state.error ?? new ClientError('closed'));
      }),
      this.#watchConnection(connection),
    ];
    stdout.on?.('resize', resize);
    try {
      this.#redraw();
      const end = await Promise.race([this.#ended.promise, whenAborted(signal)]);
      return end === 'aborted' ? { kind: 'interrupted' } : end;
    } finally {
      stdout.off?.('resize', resize);
      for (const stop of stops) stop();
      this.#screen.close();
    }
  }

  #watchConnection(connection: Connection): () => void {
    if (connection.service.value === 'away') this.#trouble = 'away';
    return watchConnection(connection, (notice) => {
      switch (notice) {
        case 'lost':
        case 'away':
          this.#trouble = notice;
          break;
        case 'back':
        case 'up':
          this.#message = { text: notice === 'back' ? 'Back.' : 'The game server is back.', tone: 'good' };
          this.#trouble = connection.service.value === 'away' ? 'away' : undefined;
          break;
      }
      this.#redraw();
    });
  }

  #updated(update: MatchUpdate): void {
    const { game, match } = this.#options;
    if (update.kind === 'event' && update.event.type === 'moved' && update.event.seat !== match.seat) {
      const who = nameOfSeat(update.state, update.event.seat);
      this.#message = { text: `${who} played ${game.nameMove(update.event.move)}.`, tone: 'plain' };
    }
    if (update.state.status !== 'playing') this.#confirming = undefined;
    if (update.state.status === 'over' && update.kind === 'event' && update.event.type === 'ended') {
      this.#message = undefined;
    }
    this.#redraw();
    if (update.state.next !== null) this.#ended.resolve({ kind: 'next', match: update.state.next });
  }

  #press(key: PressedKey): void {
    if (key.kind === 'interrupt') {
      this.#ended.resolve({ kind: 'interrupted' });
      return;
    }
    if (this.#confirming === 'resign') this.#confirm(key);
    else if (!this.#pressGlobal(key)) this.#pressBoard(key);
    this.#redraw();
  }

  #confirm(key: PressedKey): void {
    this.#confirming = undefined;
    if (key.kind === 'character' && key.character === 'y') this.#command((match) => match.resign());
  }

  /** Keys that mean the same in every game; true when this was one. */
  #pressGlobal(key: PressedKey): boolean {
    const { match } = this.#options;
    if (key.kind !== 'character') return false;
    const { status } = match.state;
    const isSeated = match.seat !== null;
    switch (key.character) {
      case 'q':
        this.#ended.resolve({ kind: 'quit' });
        return true;
      case 'r':
        if (isSeated && status === 'playing' && !this.#sending) this.#confirming = 'resign';
        return true;
      case 'p':
        if (isSeated && status === 'over' && !this.#sending) this.#offerRematch(match);
        return true;
      default:
        return false;
    }
  }

  #offerRematch(match: Match): void {
    const alreadyOffered = match.seat !== null && match.state.rematchOffers.includes(match.seat);
    if (!alreadyOffered) this.#command(() => match.offerRematch());
  }

  #pressBoard(key: PressedKey): void {
    const { game, match } = this.#options;
    if (key.kind === 'interrupt') return;
    const view = this.#view();
    const position = game.readPosition(match.state.state);
    if (!mayChoose(view)) {
      if (
        key.kind === 'character' &&
        match.state.status === 'playing' &&
        match.seat !== null &&
        !this.#sending
      ) {
        const isMove = game.press(key, { position, cursor: this.#cursor });
        if (isMove !== undefined) this.#message = { text: 'It is not your turn.', tone: 'bad' };
      }
      return;
    }
    const pressed = game.press(key, { position, cursor: this.#cursor });
    if (pressed === undefined) return;
    if ('move' in pressed) this.#command(() => match.move(pressed.move));
    else this.#cursor = pressed.cursor;
  }

  /** Sends a command; while it is on its way no other one is. A refusal is shown and play goes on. */
  #command(send: (match: Match) => Promise<unknown>): void {
    this.#sending = true;
    this.#message = undefined;
    send(this.#options.match)
      .catch((error: unknown) => {
        if (!(error instanceof ClientError)) this.#ended.reject(error);
        else if (error.code === 'refused' || error.code === 'timed_out') {
          this.#message = { text: printable(error.message), tone: 'bad' };
        }
        // Anything else closed the connection, which is watched by itself.
      })
      .finally(() => {
        this.#sending = false;
        this.#redraw();
      });
  }

  #redraw(): void {
    this.#screen.draw(this.#picture());
  }

  #picture(): string[] {
    return drawMatch(this.#view(), this.#options);
  }

  #view(): MatchView {
    const { match } = this.#options;
    return {
      state: match.state,
      seat: match.seat,
      code: match.code,
      presence: match.presence.value,
      cursor: this.#cursor,
      trouble: this.#trouble,
      message: this.#message,
      sending: this.#sending,
      confirming: this.#confirming,
    };
  }
}

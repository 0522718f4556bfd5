import type { CommandId, GameId } from '../../protocol/ids.ts';
import type { LinkReplies, MatchedNotice } from '../../protocol/link-messages.ts';
import { type Refusal, refusals } from '../../protocol/refusals.ts';
import type { Asker } from '../link/link.ts';

export interface StandingFindsOptions {
  /** Sends `lobby.find`; gives a refusal when it cannot even be sent. */
  readonly ask: (game: GameId, body: string, asker: Asker) => Refusal | undefined;
  readonly matched: (params: MatchedNotice['params']) => void;
}

interface Find {
  readonly commandId: CommandId;
  readonly body: string;
}

const retryMs = 1_000;

/**
 * What one socket waits for in the lobby. A backend keeps its lobby in memory, so each new link connection is asked
 * again; the command id makes that safe, and the player notices nothing.
 */
export class StandingFinds {
  readonly #options: StandingFindsOptions;
  readonly #finds = new Map<GameId, Find>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: StandingFindsOptions) {
    this.#options = options;
  }

  /** The backend said `waiting`. */
  waits(game: GameId, find: Find): void {
    this.#finds.set(game, find);
  }

  /** Matched or cancelled. */
  done(game: GameId): void {
    this.#finds.delete(game);
  }

  repeat(): void {
    for (const game of this.#finds.keys()) this.#repeatOne(game);
  }

  end(): void {
    this.#finds.clear();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #repeatOne(game: GameId): void {
    const find = this.#finds.get(game);
    if (find === undefined) return;
    const refused = this.#options.ask(game, find.body, {
      replied: ({ text }) => {
        const reply = JSON.parse(text) as LinkReplies['lobby.find'];
        // It may have been cancelled, or told by a notice, in the meantime.
        if (reply.status !== 'matched' || this.#finds.get(game) !== find) return;
        this.#finds.delete(game);
        const { match, seat } = reply;
        this.#options.matched({ game, match, seat, commandId: find.commandId });
      },
      refused: (refusal) => this.#refused(game, refusal),
    });
    if (refused !== undefined) this.#refused(game, refused);
  }

  #refused(game: GameId, { code, retryAfterMs = retryMs }: Refusal): void {
    if (!refusals[code].retryable) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#repeatOne(game);
    }, retryAfterMs);
    this.#timers.add(timer);
  }
}

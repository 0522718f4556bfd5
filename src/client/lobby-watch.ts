import type { ListName } from '../protocol/player-messages.ts';
import type { MatchPort } from './match.ts';
import { isObject } from './server-message.ts';

const allLists: readonly ListName[] = ['mine', 'open', 'live'];

/** Told which lists of the lobby may have changed. */
export type LobbyListener = (lists: readonly ListName[]) => void;

/** News of the lobby, over as many sockets as it takes: a new one is asked again, and what it may have missed is told. */
export class LobbyWatch {
  readonly #port: MatchPort;
  readonly #listeners = new Set<LobbyListener>();

  constructor(port: MatchPort) {
    this.#port = port;
  }

  /** Returns the function that stops it. */
  add(listener: LobbyListener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#ask('lobby.watch');
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#ask('lobby.unwatch');
    };
  }

  /** A new socket is signed in. */
  askAgain(): void {
    if (this.#listeners.size === 0) return;
    this.#ask('lobby.watch');
    this.#tell(allLists);
  }

  /** `lobby.changed` came. */
  changed(params: unknown): void {
    if (!isObject(params) || !Array.isArray(params.lists)) return;
    const { lists } = params;
    this.#tell(allLists.filter((list) => lists.includes(list)));
  }

  #tell(lists: readonly ListName[]): void {
    for (const listener of [...this.#listeners]) listener(lists);
  }

  #ask(method: 'lobby.watch' | 'lobby.unwatch'): void {
    // Refused or lost, the news stay away; whoever shows lists looks at them now and then by itself.
    this.#port.request(method, {}).catch(() => {});
  }
}

import { Counter, Gauge, Histogram, type Registry } from '../process/metrics.ts';
import type { LinkServer } from './link/link-server.ts';
import type { Lobby } from './lobby.ts';
import type { CommitDone } from './log/group-commit.ts';
import type { Matches } from './matches.ts';
import type { Membership } from './membership/membership.ts';

/** Whose state is looked at when somebody asks. */
export interface WatchedParts {
  readonly matches: Matches;
  readonly lobby: Lobby;
  readonly server: LinkServer;
  readonly membership: Membership;
}

/** What a backend counts of itself: commits as they come, the rest when it is asked. */
export class BackendMetrics {
  readonly #registry: Registry;
  readonly #commitSeconds: Histogram;
  readonly #commands: Counter;
  readonly #failures: Counter;

  constructor(registry: Registry) {
    this.#registry = registry;
    const registers = [registry];
    this.#commitSeconds = new Histogram({
      name: 'castling_log_commit_duration_seconds',
      help: 'Time in which a group of commands was put on disk, sync included.',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2],
      registers,
    });
    this.#commands = new Counter({
      name: 'castling_log_commands_total',
      help: 'Commands (moves and whatever else is kept) that were put on disk.',
      registers,
    });
    this.#failures = new Counter({
      name: 'castling_log_commit_failures_total',
      help: 'Groups of commands that could not be put on disk; each command in them was refused.',
      registers,
    });
  }

  /** Told of every commit. */
  readonly committed = ({ groups, ms, isStored }: CommitDone): void => {
    if (!isStored) {
      this.#failures.inc();
      return;
    }
    this.#commitSeconds.observe(ms / 1_000);
    this.#commands.inc(groups);
  };

  watch({ matches, lobby, server, membership }: WatchedParts): void {
    this.#gauge('castling_game_matches', 'Matches in memory: played, followed, or used a while ago.', () => {
      return matches.loaded;
    });
    this.#gauge('castling_game_waiting_players', 'Players who wait for an opponent.', () => lobby.size);
    this.#gauge('castling_game_link_connections', 'Connections of proxies.', () => server.connections);
    this.#gauge('castling_game_members', 'Backends that share the matches, as this one knows them.', () => {
      return membership.view.members.length;
    });
    this.#gauge('castling_game_epoch', 'The membership’s epoch, as this backend knows it.', () => {
      return membership.view.epoch;
    });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }
}

/** Many live matches on a whole Castling, played on while its settings file is changed again and again. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Match } from '../../src/client/match.ts';
import { askControlForAll } from '../../src/process/control/index.ts';
import type { Settings } from '../../src/settings/index.ts';
import type { ReloadOutcome } from '../../src/settings/live/live-settings.ts';
import { type RunningCastling, startCastling } from './castling.ts';
import { countingDial, type SocketCount } from './counting-dial.ts';
import { boardOf, firstFree, type Player, playToTheEnd, registerPlayer } from './player.ts';

interface Seats {
  readonly host: Match;
  readonly guest: Match;
}

/** Moves after which a tic-tac-toe match on the first free squares is still open: the seventh wins. */
const openMoves = 6;

export class SettingsUnderPlay {
  readonly castling: RunningCastling;
  readonly count: SocketCount;
  readonly #folder: string;
  readonly #file: string;
  readonly #players: readonly Player[];
  readonly #matches: readonly Seats[];
  #turn = 0;

  private constructor(parts: {
    castling: RunningCastling;
    count: SocketCount;
    folder: string;
    players: readonly Player[];
    matches: readonly Seats[];
  }) {
    this.castling = parts.castling;
    this.count = parts.count;
    this.#folder = parts.folder;
    this.#file = join(parts.folder, 'castling.yaml');
    this.#players = parts.players;
    this.#matches = parts.matches;
  }

  static async start({ players: many, matches }: { readonly players: number; readonly matches: number }) {
    const folder = mkdtempSync(join(tmpdir(), 'castling-settings-'));
    const file = join(folder, 'castling.yaml');
    writeFileSync(file, '');
    const castling = await startCastling({ args: ['--settings', file] });
    const count: SocketCount = { opened: 0, closed: 0, refusals: [] };
    const players: Player[] = [];
    for (let number = 0; number < many; number += 1) {
      players.push(await registerPlayer(castling, { name: `player${number}`, dial: countingDial(count) }));
    }
    const seats = await Promise.all(
      Array.from({ length: matches }, async (_, number) => {
        const host = players[number % many] as Player;
        const guest = players[(number + 1 + Math.floor(number / many)) % many] as Player;
        const first = await host.connection.createMatch({ game: 'tic-tac-toe', visibility: 'public' });
        return { host: first, guest: await guest.connection.joinMatch({ match: first.id }) };
      }),
    );
    return new SettingsUnderPlay({ castling, count, folder, players, matches: seats });
  }

  /** Puts a settings file in place by a rename, as careful programs do. */
  write(text: string): void {
    const next = `${this.#file}.next`;
    writeFileSync(next, text);
    renameSync(next, this.#file);
  }

  /** `castling config reload`. */
  async reload(): Promise<ReloadOutcome> {
    const data = join(this.castling.folder, 'data');
    const [outcome] = await askControlForAll<ReloadOutcome>('POST /config/reload', { data });
    if (outcome === undefined) throw new Error('nobody has answered');
    return outcome;
  }

  /** What the proxy says at /config. */
  async shown(): Promise<{
    settings: Settings;
    versions: { version: number; digest: string }[];
  }> {
    const answer = await fetch(`http://127.0.0.1:${this.castling.adminPort}/config`);
    return (await answer.json()) as Awaited<ReturnType<SettingsUnderPlay['shown']>>;
  }

  /** One legal move in each of the next matches, all at once; no match comes to its end. */
  async move(matches: number): Promise<void> {
    const from = this.#turn;
    this.#turn += matches;
    if (this.#turn > this.#matches.length * openMoves) throw new Error('the matches would end');
    await Promise.all(
      Array.from({ length: matches }, (_, at) => {
        const number = from + at;
        const { host, guest } = this.#matches[number % this.#matches.length] as Seats;
        return moveOnce(host, guest);
      }),
    );
  }

  /** Plays every match to its end. */
  async finish(): Promise<void> {
    await Promise.all(this.#matches.flatMap(({ host, guest }) => [playToTheEnd(host), playToTheEnd(guest)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { connection } of this.#players) connection.close();
    await this.castling[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }
}

/** The seat whose turn it is moves; both have seen it when this resolves. */
async function moveOnce(host: Match, guest: Match): Promise<void> {
  await alike(host, guest);
  const mover = host.state.turn === host.seat ? host : guest;
  await mover.move(firstFree(boardOf(mover.state.state)));
  await alike(host, guest);
}

/** Waits until both have seen as much. */
async function alike(host: Match, guest: Match): Promise<void> {
  const seq = Math.max(host.state.seq, guest.state.seq);
  for (const match of [host, guest]) {
    if (match.state.seq >= seq) continue;
    for await (const { state } of match.updates) if (state.seq >= seq) break;
  }
}

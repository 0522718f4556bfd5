/**
 * Pairs of scripted players who play match after match over a link that may break at any time, and who write
 * down all that they send, hear and see. What they wrote goes to `checkHistory`.
 */
import type { MatchId } from '../../src/protocol/ids.ts';
import type { LinkFollow, LinkMethod, LinkReplies } from '../../src/protocol/link-messages.ts';
import type { History, HistoryEntry, SeenEvent } from './history.ts';
import { LinkLost, type LinkPeer, type PeerAnswer, pseudonym } from './link-peer.ts';

/** Gives a link that is up, waiting for one if need be. */
export type LinkSource = () => Promise<LinkPeer>;

export interface MatchLoadOptions {
  /** Begins the command ids, so that two loads on one database do not share any. */
  readonly name?: string;
  readonly pairs: number;
  readonly link: LinkSource;
  /** 0 to below 1, from a seed. */
  readonly random: () => number;
  /** Called at each acknowledgement, with their number so far. */
  readonly acknowledged?: (count: number) => void;
}

export class MatchLoad {
  readonly matches = new Set<MatchId>();
  readonly #options: MatchLoadOptions;
  readonly #entries: HistoryEntry[] = [];
  readonly #observers: Observer[] = [];
  #clock = 0;
  #commands = 0;
  #acknowledgements = 0;
  #stopping = false;

  constructor(options: MatchLoadOptions) {
    this.#options = options;
  }

  /** Plays until `stop` is called; resolves when every pair has come to the end of its command. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.pairs }, (_, pair) => this.#play(pair)));
  }

  stop(): void {
    this.#stopping = true;
  }

  get acknowledgements(): number {
    return this.#acknowledgements;
  }

  /** With the final logs, read over a link when all is quiet. */
  async history(link: LinkPeer): Promise<History> {
    const log = new Map<string, SeenEvent[]>();
    for (const match of this.matches) log.set(match, await readLog(link, match));
    return { entries: this.#entries, observations: this.#observers, log };
  }

  async #play(pair: number): Promise<void> {
    const names = [`pair ${pair} a`, `pair ${pair} b`] as const;
    while (!this.#stopping) {
      const created = await this.#must<LinkFollow>(names[0], 'match.create', {
        game: 'tic-tac-toe',
        visibility: 'private',
      });
      if (created === undefined) continue;
      const { match, code } = created;
      this.matches.add(match);
      const observer = new Observer(`watcher of pair ${pair}`, match);
      this.#observers.push(observer);
      await this.#must(names[1], 'match.join', { code });
      await this.#playOut(match, names, observer);
    }
  }

  async #playOut(match: MatchId, names: readonly [string, string], observer: Observer): Promise<void> {
    while (!this.#stopping) {
      const link = await this.#options.link();
      try {
        await observer.follow(link);
        const channel = link.openChannel(pseudonym(names[0]));
        const { snapshot } = await channel.demand('match.get', { match });
        channel.close();
        if (snapshot.status === 'over') return;
        const { board } = snapshot.state as { board: string };
        const free = [...board].flatMap((mark, square) => (mark === '_' ? [square] : []));
        const move = free[Math.floor(this.#options.random() * free.length)];
        const name = names[snapshot.turn ?? 0] ?? names[0];
        if (this.#options.random() < 0.05) await this.#command(name, 'match.resign', { match });
        else await this.#command(name, 'match.move', { match, seq: snapshot.seq + 1, move });
      } catch (error) {
        if (!(error instanceof LinkLost)) throw error;
      }
    }
  }

  /** Until it is done: for what a pair cannot go on without. */
  async #must<Result>(name: string, method: LinkMethod, params: object): Promise<Result | undefined> {
    const answer = await this.#command(name, method, params, { resends: Number.POSITIVE_INFINITY });
    return answer?.ok ? (answer.result as Result) : undefined;
  }

  /**
   * Sends a command, and again with the same id when the link broke; now and then gives it up, and never
   * learns its fate.
   */
  async #command<M extends LinkMethod>(
    name: string,
    method: M,
    params: object,
    { resends = this.#options.random() < 0.3 ? 0 : 20 } = {},
  ): Promise<PeerAnswer<LinkReplies[M]> | undefined> {
    this.#commands += 1;
    const id = `${this.#options.name ?? 'load'}-command-${this.#commands}`;
    this.#entries.push({ kind: 'invoke', id, at: this.#tick() });
    for (let attempt = 0; attempt <= resends && !this.#stopping; attempt += 1) {
      const link = await this.#options.link();
      try {
        const channel = link.openChannel(pseudonym(name));
        const answer = await channel.request(method, { ...params, commandId: id });
        channel.close();
        if (!answer.ok && (answer.refusal.retryAfterMs !== undefined || this.#stopping)) continue;
        this.#note(id, method, answer);
        return answer;
      } catch (error) {
        if (!(error instanceof LinkLost)) throw error;
      }
    }
    return undefined;
  }

  #note(id: string, method: LinkMethod, answer: PeerAnswer<LinkReplies[LinkMethod]>): void {
    const at = this.#tick();
    if (!answer.ok) {
      this.#entries.push({ kind: 'fail', id, at });
      return;
    }
    // `created` is event 1, then the two players join.
    const { match, seq = method === 'match.create' ? 2 : 3 } = answer.result as {
      match: MatchId;
      seq?: number;
    };
    this.#entries.push({ kind: 'ok', id, match, seq, at });
    this.#acknowledgements += 1;
    this.#options.acknowledged?.(this.#acknowledgements);
  }

  #tick(): number {
    this.#clock += 1;
    return this.#clock;
  }
}

/** Follows one match over all links, each time from the last sequence that it saw. */
class Observer {
  readonly observer: string;
  readonly match: MatchId;
  #seen: SeenEvent[] = [];
  #link: LinkPeer | undefined;
  #tag = 0;
  #taken = 0;

  constructor(observer: string, match: MatchId) {
    this.observer = observer;
    this.match = match;
  }

  get events(): readonly SeenEvent[] {
    this.#take();
    return this.#seen;
  }

  async follow(link: LinkPeer): Promise<void> {
    if (link === this.#link) return;
    this.#take();
    this.#tag = await link.subscribe(this.match, { after: this.#seen.at(-1)?.seq ?? 0 });
    this.#link = link;
    this.#taken = 0;
  }

  #take(): void {
    const events = this.#link?.events(this.#tag) ?? [];
    for (const event of events.slice(this.#taken)) {
      this.#seen.push({ seq: event.seq, id: event.commandId, text: JSON.stringify(event) });
    }
    this.#taken = events.length;
  }
}

async function readLog(link: LinkPeer, match: MatchId): Promise<SeenEvent[]> {
  const log: SeenEvent[] = [];
  for (;;) {
    const params = { match, audience: 'all', after: log.length, limit: 1_000 };
    const answer = await link.request('match.events', params);
    if (!answer.ok) throw new Error(`match.events was refused: ${answer.refusal.code}`);
    for (const event of answer.result.events) {
      log.push({ seq: event.seq, id: event.commandId, text: JSON.stringify(event) });
    }
    if (log.length >= answer.result.head) return log;
  }
}

/** A small generator with a seed, so that a failing run can be run again (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

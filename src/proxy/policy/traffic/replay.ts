import type { Refusal } from '../../../protocol/refusals.ts';
import { refuse } from '../../../protocol/refusals.ts';
import type { Inbound } from '../../inbound.ts';
import { Filters, SocketFilter } from '../filters/filters.ts';
import { gameRoute, upgradeKind } from '../filters/kinds.ts';
import { Caller } from '../limits/caller.ts';
import { TurnPass } from '../limits/turn-pass.ts';
import { Policy, type PolicySettings, type Readable, type TurnMove } from '../policy.ts';
import { misfit, type TrafficRecord } from './traffic-record.ts';

/** What a policy does with a record: refuses it by a rule, or does not get it, since its connection had ended before. */
export interface ReplayOutcome {
  readonly kind: 'admitted' | 'refused' | 'cut';
  readonly rule?: string | undefined;
  /** Shadow rules that would have refused it. */
  readonly shadows: readonly string[];
}

type Of<Kind extends TrafficRecord['e']> = Extract<TrafficRecord, { e: Kind }>;

interface Connection {
  readonly caller: Caller;
  readonly pass: TurnPass;
  filter: SocketFilter;
  turns: number;
  turn: TurnMove | undefined;
}

/**
 * A policy that is shown recorded traffic, under a clock that is the records' own. Rules about what a backend is still doing
 * (requests without an answer, matches followed) are the same under all settings, and are left out.
 */
export class Replay {
  readonly #policy: Policy;
  readonly #connections = new Map<number, Connection>();
  #shadows: string[] = [];
  #now = 0;

  constructor({ limits, filters }: PolicySettings) {
    this.#policy = new Policy({
      limits,
      filters: new Filters(filters),
      now: () => this.#now,
      onShadow: (rule) => this.#shadows.push(rule),
    });
  }

  /** The settings changed while the traffic was recorded. */
  use({ limits, filters }: PolicySettings): void {
    this.#policy.useLimits(limits);
    this.#policy.useFilters(new Filters(filters));
  }

  /** Records in the order of their time. */
  take(record: TrafficRecord): ReplayOutcome {
    this.#now = Math.max(this.#now, record.t);
    this.#shadows = [];
    if (record.e === 'lost' || record.e === 'id') return this.#passed();
    if (record.e === 'connect') return this.#connect(record);
    const connection = this.#connections.get(record.c);
    if (connection === undefined) return { kind: 'cut', shadows: [] };
    switch (record.e) {
      case 'request':
        return this.#request(connection, record);
      case 'signIn': {
        const who = { player: `p${record.p}`, session: `s${record.s}` };
        return this.#ended(record.c, this.#policy.signIn(connection.caller, who as never));
      }
      case 'message':
        return this.#message(connection, record);
      case 'control':
        return this.#control(connection, record);
      case 'unmade':
        connection.turn?.refused(refuse('move_illegal'));
        return this.#passed();
      case 'end':
        this.#end(record.c);
        return this.#passed();
    }
  }

  #connect({ c, a: address }: Of<'connect'>): ReplayOutcome {
    const caller = this.#policy.connect(address);
    if (!(caller instanceof Caller)) return this.#refused(caller);
    const filter = new SocketFilter({ address, route: gameRoute, origin: 'none' });
    this.#connections.set(c, { caller, pass: new TurnPass(), filter, turns: 0, turn: undefined });
    return this.#passed();
  }

  #request(connection: Connection, { c, r: route, k: kind, o: origin }: Of<'request'>): ReplayOutcome {
    const refusal = this.#policy.request(connection.caller, { route, kind, origin });
    if (kind !== upgradeKind) return refusal === undefined ? this.#passed() : this.#refused(refusal);
    connection.filter = new SocketFilter({ address: connection.caller.address, route, origin });
    return this.#ended(c, refusal);
  }

  #message(connection: Connection, record: Of<'message'>): ReplayOutcome {
    const { caller, filter, pass } = connection;
    connection.turns += 1;
    const asking = {
      caller,
      filter,
      unanswered: 0,
      follows: 0,
      isFollowing: () => true,
      turnPass: () => (record.turn ? pass : undefined),
    };
    const verdict = this.#policy.judge(readingOf(record, connection.turns), asking, record.b);
    connection.turn = verdict.kind === 'admitted' ? verdict.turn : undefined;
    if (verdict.kind === 'flood') return this.#ended(record.c, verdict.refusal);
    return verdict.kind === 'refusal' && verdict.refusal.code !== 'params_invalid'
      ? this.#refused(verdict.refusal)
      : this.#passed();
  }

  #control(connection: Connection, { c }: Of<'control'>): ReplayOutcome {
    const verdict = this.#policy.control(connection.caller);
    if (verdict === 'admitted') return this.#passed();
    if (verdict === 'flood') this.#end(c);
    return { kind: 'refused', rule: 'rate', shadows: this.#shadows };
  }

  /** The connection is over when there is a refusal. */
  #ended(c: number, refusal: Refusal | undefined): ReplayOutcome {
    if (refusal === undefined) return this.#passed();
    this.#end(c);
    return this.#refused(refusal);
  }

  #end(c: number): void {
    this.#connections.get(c)?.caller.end();
    this.#connections.delete(c);
  }

  #passed(): ReplayOutcome {
    return { kind: 'admitted', shadows: this.#shadows };
  }

  #refused({ rule, code }: Refusal): ReplayOutcome {
    return { kind: 'refused', rule: rule ?? code, shadows: this.#shadows };
  }
}

/** A message of the same kind, as it would be read. */
function readingOf({ k: method }: Of<'message'>, seq: number): Readable {
  if (method === misfit) return { kind: 'refusal', id: 0, refusal: refuse('params_invalid') };
  const params = { match: 'm_0000000000000000', seq, move: 0 };
  return { kind: 'request', request: { id: 0, method, params } as unknown as Inbound };
}

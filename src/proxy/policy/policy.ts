/** Stage 4: what a caller may do now. A refusal names its rule; nothing refused changes any state. */
import { Counter, Gauge, Registry } from '../../process/metrics.ts';
import type { MatchId } from '../../protocol/ids.ts';
import { type Refusal, refuse } from '../../protocol/refusals.ts';
import { limitDefaults } from '../../settings/index.ts';
import type { Inbound, Reading } from '../inbound.ts';
import type { FilterSettings } from './filters/filter-rule.ts';
import { type FilterDecision, Filters } from './filters/filters.ts';
import { upgradeKind } from './filters/kinds.ts';
import { Caller } from './limits/caller.ts';
import type { LimitSettings } from './limits/limit-settings.ts';
import { Limits } from './limits/limits.ts';
import type { Overspent } from './limits/message-budget.ts';
import { type Asking, firstRefusal } from './rules.ts';
import { misfit, type TrafficRecord } from './traffic/traffic-record.ts';
import { TrafficRecorder } from './traffic/traffic-recorder.ts';

declare const admitted: unique symbol;
/** A request that every rule let pass; only this stage makes one. */
export type Admitted = Inbound & { readonly [admitted]: true };

/** The move of the seat whose turn it is: nothing that others do may hold it up. Told when it was not made after all. */
export interface TurnMove {
  refused(refusal: Refusal): void;
}

export type Verdict =
  | { readonly kind: 'admitted'; readonly request: Admitted; readonly turn: TurnMove | undefined }
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  /** The sender goes on and on, and its socket should close. */
  | { readonly kind: 'flood'; readonly refusal: Refusal };

export interface PolicyOptions {
  readonly limits?: LimitSettings;
  /** The default lets everything pass. */
  readonly filters?: Filters;
  readonly metrics?: Registry;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
  /** Told of each thing that a shadow rule would have refused. */
  readonly onShadow?: (rule: string) => void;
}

/** What a policy goes by. */
export interface PolicySettings {
  readonly limits: LimitSettings;
  readonly filters: readonly FilterSettings[];
}

/** What is known of an HTTP request when the policy is asked. */
export interface RequestFacts {
  readonly route: string;
  readonly kind: string;
  readonly origin: string;
  /** Under which players and logs know it; not known yet for an upgrade. */
  readonly requestId?: string;
}

type FilterStage = 'connection' | 'request' | 'upgrade' | 'message';

/** A message that was read, or that does not fit its method: both count. */
export type Readable = Exclude<Reading, { readonly kind: 'violation' }>;

/** Milliseconds after which an address may have room again: connections that do nothing are closed after seconds. */
const connectRetryMs = 10_000;

export class Policy {
  readonly #limits: Limits;
  readonly #refused: Counter<'rule'>;
  readonly #filterMatches: Counter<'rule' | 'action' | 'stage'>;
  readonly #turnMoves: Counter;
  readonly #onShadow: (rule: string) => void;
  readonly #now: () => number;
  #filters: Filters;
  #recorders: readonly TrafficRecorder[] = [];

  constructor(options: PolicyOptions = {}) {
    const { metrics = new Registry(), now = () => performance.now() } = options;
    this.#now = now;
    this.#onShadow = options.onShadow ?? (() => {});
    this.#limits = new Limits(options.limits ?? limitDefaults, now);
    this.#filters = options.filters ?? new Filters([]);
    this.#refused = new Counter({
      name: 'castling_policy_refusals_total',
      help: 'Connections, requests and messages that a rule refused.',
      labelNames: ['rule'],
      registers: [metrics],
    });
    this.#filterMatches = new Counter({
      name: 'castling_policy_filter_matches_total',
      help: 'What a filter refused, or would have refused if it were not a shadow.',
      labelNames: ['rule', 'action', 'stage'],
      registers: [metrics],
    });
    this.#turnMoves = new Counter({
      name: 'castling_policy_turn_moves_total',
      help: 'Moves that passed every budget, since it was the turn of their seat.',
      registers: [metrics],
    });
    showBudgets(this.#limits, metrics);
  }

  get settings(): PolicySettings {
    return { limits: this.#limits.settings, filters: this.#filters.settings };
  }

  /** Records what comes in until `signal` is aborted, by metadata alone; a batch at a time. */
  async *record(
    options: { readonly maskAddresses: boolean },
    signal: AbortSignal,
  ): AsyncGenerator<TrafficRecord[], void, undefined> {
    const recorder = new TrafficRecorder({ ...options, now: this.#now });
    this.#recorders = [...this.#recorders, recorder];
    try {
      yield* recorder.batches(signal);
    } finally {
      this.#recorders = this.#recorders.filter((each) => each !== recorder);
    }
  }

  /** From now on these rules hold, for sockets that are open too. */
  useFilters(filters: Filters): void {
    this.#filters = filters;
    // Names that are no more are no longer shown.
    this.#filterMatches.reset();
  }

  /** From now on these limits hold; what has been spent stays spent. */
  useLimits(settings: LimitSettings): void {
    this.#limits.apply(settings);
  }

  /** What the caller asked last has this request id; for whoever records. */
  known(caller: Caller, requestId: string): void {
    for (const recorder of this.#recorders) recorder.known(caller, requestId);
  }

  /** A new connection from this address: rules `connections.address`, `strangers.address` and `handshakes.address`. */
  connect(address: string, requestId?: string): Caller | Refusal {
    const caller = this.#admit(address);
    if (!(caller instanceof Caller)) {
      for (const recorder of this.#recorders) recorder.turnedAway(address, requestId);
      return caller;
    }
    for (const recorder of this.#recorders) recorder.connected(caller);
    caller.onEnd = () => {
      for (const recorder of this.#recorders) recorder.ended(caller);
    };
    return caller;
  }

  #admit(address: string): Caller | Refusal {
    const filtered = this.#deniedAt('connection', this.#filters.decide({ address }));
    if (filtered !== undefined) return filtered;
    const caller = this.#limits.connect(address);
    if (typeof caller !== 'string') return caller;
    return this.#refuse(refuse('rate_limited', { rule: caller, retryAfterMs: connectRetryMs }));
  }

  /** An HTTP request, an upgrade among them: rule `requests.address`, and the filters. */
  request(caller: Caller, facts: RequestFacts): Refusal | undefined {
    for (const recorder of this.#recorders) recorder.requested(caller, facts);
    if (facts.requestId !== undefined) this.known(caller, facts.requestId);
    const retryAfterMs = caller.request();
    if (retryAfterMs > 0) {
      return this.#refuse(refuse('rate_limited', { rule: 'requests.address', retryAfterMs }));
    }
    const stage = facts.kind === upgradeKind ? 'upgrade' : 'request';
    return this.#deniedAt(stage, this.#filters.decide({ ...facts, address: caller.address }));
  }

  /** A session has signed in on this connection: rules `sockets.session` and `sockets.account`. */
  signIn(caller: Caller, session: Parameters<Caller['signIn']>[0]): Refusal | undefined {
    const rule = caller.signIn(session);
    for (const recorder of this.#recorders) recorder.signedIn(caller, session);
    return rule === undefined ? undefined : this.#refuse(refuse('too_many_sockets', { rule }));
  }

  /** One message of a signed-in socket, of so many bytes. */
  judge(reading: Readable, asking: Asking, bytes: number): Verdict {
    const turn = reading.kind === 'request' ? this.#turnOf(reading.request, asking) : undefined;
    for (const recorder of this.#recorders) {
      const kind = reading.kind === 'request' ? reading.request.method : misfit;
      recorder.message(asking, { kind, bytes, isTurn: turn !== undefined });
    }
    if (turn === undefined) {
      const overspent = asking.caller.spend(bytes);
      if (overspent !== undefined) return this.#overspent(overspent);
    }
    if (reading.kind === 'refusal') return { kind: 'refusal', refusal: reading.refusal };
    const refusal =
      this.#deniedAt('message', asking.filter.decide(this.#filters, reading.request.method)) ??
      this.#brokenRule(reading.request, asking, turn !== undefined);
    if (refusal === undefined) return { kind: 'admitted', request: reading.request as Admitted, turn };
    turn?.refused(refusal);
    return { kind: 'refusal', refusal };
  }

  /** A WebSocket ping, or a pong that nobody asked for: it counts as a message does. */
  control(caller: Caller): 'admitted' | 'refused' | 'flood' {
    for (const recorder of this.#recorders) recorder.control(caller);
    const overspent = caller.spend(0);
    if (overspent === undefined) return 'admitted';
    return this.#overspent(overspent).kind === 'flood' ? 'flood' : 'refused';
  }

  /** Takes the pass of the turn: one for each sequence, as long as the player has paid for what was tried in vain. */
  #turnOf(request: Inbound, asking: Asking): TurnMove | undefined {
    if (request.method !== 'match.move') return undefined;
    const { caller } = asking;
    const { match, seq } = request.params;
    const pass = asking.turnPass(match as MatchId, seq);
    if (pass === undefined || !caller.hasCredit || !pass.claim(seq)) return undefined;
    this.#turnMoves.inc();
    return {
      refused: (refusal) => {
        if (!pass.returned(seq, refusal)) return;
        caller.owe();
        for (const recorder of this.#recorders) recorder.unmade(caller);
      },
    };
  }

  #deniedAt(stage: FilterStage, { deniedBy, shadows }: FilterDecision): Refusal | undefined {
    for (const rule of shadows) {
      this.#filterMatches.inc({ rule, action: 'shadow', stage });
      this.#onShadow(rule);
    }
    if (deniedBy === undefined) return undefined;
    this.#filterMatches.inc({ rule: deniedBy, action: 'deny', stage });
    return refuse('filtered', { rule: deniedBy });
  }

  #brokenRule(request: Inbound, asking: Asking, isTurn: boolean): Refusal | undefined {
    const refusal = firstRefusal(request, asking, { isTurn });
    return refusal && this.#refuse(refusal);
  }

  #overspent({ rule, retryAfterMs, isFlood }: Overspent): Verdict {
    const refusal = this.#refuse(refuse('rate_limited', { rule, retryAfterMs }));
    return { kind: isFlood ? 'flood' : 'refusal', refusal };
  }

  #refuse(refusal: Refusal): Refusal {
    this.#refused.inc({ rule: refusal.rule ?? refusal.code });
    return refusal;
  }
}

function showBudgets({ addresses, accounts, sessions }: Limits, metrics: Registry): void {
  new Gauge({
    name: 'castling_policy_budgets',
    help: 'Budgets that are remembered, by what they belong to.',
    labelNames: ['of'],
    registers: [metrics],
    collect() {
      for (const [of, table] of Object.entries({ addresses, accounts, sessions })) {
        this.set({ of }, table.inUse + table.resting);
      }
    },
  });
}

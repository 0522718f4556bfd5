/** Stage 4: what a caller may do now. A refusal names its rule; nothing refused changes any state. */
import { Counter, Gauge, Registry } from '../../process/metrics.ts';
import type { MatchId } from '../../protocol/ids.ts';
import { type Refusal, refuse } from '../../protocol/refusals.ts';
import { limitDefaults } from '../../settings/index.ts';
import type { Inbound, Reading } from '../inbound.ts';
import type { Caller } from './limits/caller.ts';
import type { LimitSettings } from './limits/limit-settings.ts';
import { Limits } from './limits/limits.ts';
import type { Overspent } from './limits/message-budget.ts';
import { type Asking, firstRefusal } from './rules.ts';

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
  readonly metrics?: Registry;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/** A message that was read, or that does not fit its method: both count. */
type Readable = Exclude<Reading, { readonly kind: 'violation' }>;

/** Milliseconds after which an address may have room again: connections that do nothing are closed after seconds. */
const connectRetryMs = 10_000;

export class Policy {
  readonly #limits: Limits;
  readonly #refused: Counter<'rule'>;
  readonly #turnMoves: Counter;

  constructor(options: PolicyOptions = {}) {
    const { limits = limitDefaults, metrics = new Registry(), now = () => performance.now() } = options;
    this.#limits = new Limits(limits, now);
    this.#refused = new Counter({
      name: 'castling_policy_refusals_total',
      help: 'Connections, requests and messages that a rule refused.',
      labelNames: ['rule'],
      registers: [metrics],
    });
    this.#turnMoves = new Counter({
      name: 'castling_policy_turn_moves_total',
      help: 'Moves that passed every budget, since it was the turn of their seat.',
      registers: [metrics],
    });
    showBudgets(this.#limits, metrics);
  }

  /** From now on these limits hold; what has been spent stays spent. */
  limit(settings: LimitSettings): void {
    this.#limits.apply(settings);
  }

  /** A new connection from this address: rules `connections.address`, `strangers.address` and `handshakes.address`. */
  connect(address: string): Caller | Refusal {
    const caller = this.#limits.connect(address);
    if (typeof caller !== 'string') return caller;
    return this.#refuse(refuse('rate_limited', { rule: caller, retryAfterMs: connectRetryMs }));
  }

  /** An HTTP request, an upgrade among them: rule `requests.address`. */
  request(caller: Caller): Refusal | undefined {
    const retryAfterMs = caller.request();
    return retryAfterMs === 0
      ? undefined
      : this.#refuse(refuse('rate_limited', { rule: 'requests.address', retryAfterMs }));
  }

  /** A session has signed in on this connection: rules `sockets.session` and `sockets.account`. */
  signIn(caller: Caller, session: Parameters<Caller['signIn']>[0]): Refusal | undefined {
    const rule = caller.signIn(session);
    return rule === undefined ? undefined : this.#refuse(refuse('too_many_sockets', { rule }));
  }

  /** One message of a signed-in socket, of so many bytes. */
  judge(reading: Readable, asking: Asking, bytes: number): Verdict {
    const turn = reading.kind === 'request' ? this.#turnOf(reading.request, asking) : undefined;
    if (turn === undefined) {
      const overspent = asking.caller.spend(bytes);
      if (overspent !== undefined) return this.#overspent(overspent);
    }
    if (reading.kind === 'refusal') return { kind: 'refusal', refusal: reading.refusal };
    const refusal = firstRefusal(reading.request, asking, { isTurn: turn !== undefined });
    if (refusal === undefined) return { kind: 'admitted', request: reading.request as Admitted, turn };
    turn?.refused(refusal);
    return { kind: 'refusal', refusal: this.#refuse(refusal) };
  }

  /** A WebSocket ping, or a pong that nobody asked for: it counts as a message does. */
  control(caller: Caller): 'admitted' | 'refused' | 'flood' {
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
        if (pass.returned(seq, refusal)) caller.owe();
      },
    };
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

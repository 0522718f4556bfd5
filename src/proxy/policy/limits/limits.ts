import { networksOf } from '../../../process/networks-of.ts';
import type { PlayerId, SessionId } from '../../../protocol/ids.ts';
import { AddressBudget, type ConnectionRule } from './address-budget.ts';
import { Caller, type Ledger } from './caller.ts';
import type { LimitSettings } from './limit-settings.ts';
import { RestingTable } from './resting-table.ts';
import { SenderBudget, type SessionBudget } from './sender-budget.ts';
import { TokenBucket } from './token-bucket.ts';

/** Budgets of each kind that are remembered after their last connection has gone. */
const mostResting = 20_000;

/**
 * All budgets of one process. What is kept is bounded: something for each open connection, and for a number of addresses,
 * accounts and sessions that have gone and have not rested long enough to be like new.
 */
export class Limits implements Ledger {
  readonly now: () => number;
  readonly addresses: RestingTable<string, AddressBudget>;
  readonly accounts: RestingTable<PlayerId, SenderBudget>;
  readonly sessions: RestingTable<SessionId, SessionBudget>;
  #settings: LimitSettings;

  /** `now`: milliseconds, monotonic. */
  constructor(settings: LimitSettings, now: () => number) {
    this.#settings = settings;
    this.now = now;
    this.addresses = new RestingTable({
      make: () => new AddressBudget(this.settings.address, now()),
      isWorthKeeping: (budget) => budget.isSpent(this.settings.address, now()),
      mostResting,
    });
    this.accounts = new RestingTable({
      make: () => new SenderBudget(this.settings.account, now()),
      isWorthKeeping: (budget) => budget.untilFull(this.settings.account, now()) > 0,
      mostResting,
    });
    this.sessions = new RestingTable({
      make: () => ({
        sender: new SenderBudget(this.settings.session, now()),
        refusals: new TokenBucket(this.settings.refused, now()),
      }),
      isWorthKeeping: ({ sender, refusals }) =>
        sender.untilFull(this.settings.session, now()) > 0 ||
        refusals.untilFull(this.settings.refused, now()) > 0,
      mostResting,
    });
  }

  get settings(): LimitSettings {
    return this.#settings;
  }

  /** From now on these hold, for budgets in use too. What has been spent stays spent. */
  apply(settings: LimitSettings): void {
    this.#settings = settings;
  }

  /** Takes a new TCP connection from this address; or gives the rule that refuses it. */
  connect(address: string): Caller | ConnectionRule {
    const network = networksOf(address)[0]?.prefix ?? '';
    const budget = this.addresses.acquire(network);
    const rule = budget.connect(this.settings.address, this.now());
    if (rule === undefined) return new Caller({ ledger: this, address, network, budget });
    this.addresses.release(network);
    return rule;
  }
}

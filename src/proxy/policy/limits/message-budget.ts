import type { AccountShare, AddressBudget } from './address-budget.ts';
import type { LimitSettings } from './limit-settings.ts';
import type { SenderBudget, SessionBudget } from './sender-budget.ts';
import type { BucketShape, TokenBucket } from './token-bucket.ts';

/** How much of one budget is left. */
export interface BudgetLevel extends BucketShape {
  /** As the settings name it: `session.messages`, `address.bytes.perAccount`. */
  readonly budget: string;
  /** Below zero when it is owed. */
  readonly left: number;
}

/** `retryAfterMs`: who waits that long and sends nothing meanwhile is let through. */
export interface Overspent {
  readonly rule: 'rate.session' | 'rate.account' | 'rate.address';
  readonly retryAfterMs: number;
  /** So far beyond the rate, and for so long, that the socket should close. */
  readonly isFlood: boolean;
}

export interface BudgetParts {
  readonly session: SessionBudget;
  readonly account: SenderBudget;
  readonly address: AddressBudget;
  readonly share: AccountShare;
}

/**
 * What one signed-in socket may send: within the budgets of its session and its account, and within what its address allows.
 * Of that, each account has a share of its own; only beyond the share does it draw on what all behind the address have in
 * common. So nobody's traffic can refuse a message of somebody who keeps to the share.
 */
export class MessageBudget {
  readonly #parts: BudgetParts;

  constructor(parts: BudgetParts) {
    this.#parts = parts;
  }

  /** Takes one message of so many bytes from every budget, or from none and says why. */
  spend(limits: LimitSettings, now: number, bytes: number): Overspent | undefined {
    const { account, address, share } = this.#parts;
    const { sender: session, refusals } = this.#parts.session;
    const sessionWait = session.wait(limits.session, now, bytes);
    const accountWait = account.wait(limits.account, now, bytes);
    const ofMessages = limits.address.messages;
    const ofBytes = limits.address.bytes;
    const ownMessages = share.messages.wait(ofMessages.perAccount, now);
    const ownBytes = share.bytes.wait(ofBytes.perAccount, now, bytes);
    // What the share lacks may come from what is there for all.
    const lacksMessages = ownMessages > 0 && address.messages.wait(ofMessages.base, now) > 0;
    const lacksBytes = ownBytes > 0 && address.bytes.wait(ofBytes.base, now, bytes) > 0;
    const addressWait = Math.max(lacksMessages ? ownMessages : 0, lacksBytes ? ownBytes : 0);

    const retryAfterMs = Math.max(sessionWait, accountWait, addressWait);
    if (retryAfterMs === 0) {
      session.take(bytes);
      account.take(bytes);
      (ownMessages > 0 ? address : share).messages.take();
      (ownBytes > 0 ? address : share).bytes.take(bytes);
      return undefined;
    }
    const isFlood = refusals.wait(limits.refused, now) > 0;
    if (!isFlood) refusals.take();
    const rule =
      retryAfterMs === sessionWait
        ? 'rate.session'
        : retryAfterMs === accountWait
          ? 'rate.account'
          : 'rate.address';
    return { rule, retryAfterMs, isFlood };
  }

  /** Every budget that a message of this socket is paid from. */
  levels(limits: LimitSettings, now: number): BudgetLevel[] {
    const { account, address, share } = this.#parts;
    const { sender: session } = this.#parts.session;
    const { messages, bytes } = limits.address;
    const level = (budget: string, bucket: TokenBucket, shape: BucketShape) => ({
      budget,
      left: bucket.level(shape, now),
      perSecond: shape.perSecond,
      burst: shape.burst,
    });
    return [
      level('session.messages', session.messages, limits.session.messages),
      level('session.bytes', session.bytes, limits.session.bytes),
      level('account.messages', account.messages, limits.account.messages),
      level('account.bytes', account.bytes, limits.account.bytes),
      level('address.messages.perAccount', share.messages, messages.perAccount),
      level('address.bytes.perAccount', share.bytes, bytes.perAccount),
      level('address.messages.base', address.messages, messages.base),
      level('address.bytes.base', address.bytes, bytes.base),
    ];
  }

  /** A message that passed without being paid for has to be paid for after all. */
  owe({ session, account }: LimitSettings): void {
    this.#parts.session.sender.messages.owe(session.messages);
    this.#parts.account.messages.owe(account.messages);
  }

  /** Whether one more may pass without being paid for. */
  hasCredit({ session, account }: LimitSettings, now: number): boolean {
    return (
      this.#parts.session.sender.messages.credit(session.messages, now) >= 1 &&
      this.#parts.account.messages.credit(account.messages, now) >= 1
    );
  }
}

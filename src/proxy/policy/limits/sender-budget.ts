import type { SenderLimits } from './limit-settings.ts';
import { TokenBucket } from './token-bucket.ts';

/** What one session, or one account, may still send. */
export class SenderBudget {
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;

  constructor(limits: SenderLimits, now: number) {
    this.messages = new TokenBucket(limits.messages, now);
    this.bytes = new TokenBucket(limits.bytes, now);
  }

  wait(limits: SenderLimits, now: number, bytes: number): number {
    return Math.max(this.messages.wait(limits.messages, now), this.bytes.wait(limits.bytes, now, bytes));
  }

  take(bytes: number): void {
    this.messages.take();
    this.bytes.take(bytes);
  }

  untilFull(limits: SenderLimits, now: number): number {
    return Math.max(this.messages.untilFull(limits.messages, now), this.bytes.untilFull(limits.bytes, now));
  }
}

/** A session's, with the refusals that it may still cause before it is a flood. */
export interface SessionBudget {
  readonly sender: SenderBudget;
  readonly refusals: TokenBucket;
}

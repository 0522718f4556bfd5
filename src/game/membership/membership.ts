/**
 * This backend's place among the live ones.
 *
 * ```
 *             join                       renewed in time
 *   (nobody) ──────▶ member ◀──────────────────────────────┐
 *                     │  └─ every tick: renew or look ──────┘
 *                     │ stopped for longer than the lease: owns nothing until the next renewal
 *                     ▼
 *                   unsure ── renewed ──▶ member of a later epoch
 * ```
 *
 * A lease says only who is alive. Who wrote first is settled by the log, so a backend that is wrong here can be slow
 * or silent, and never wrong about a match.
 */
import type { Logger } from '../../process/logger.ts';
import { type Membership as MembershipView, type OwnershipKey, ownerOf } from '../../protocol/ownership.ts';
import type { MemberRow, MembersTable } from './members-table.ts';
import type { Ownership, OwnershipChange } from './ownership.ts';

export interface MembershipOptions {
  readonly table: Pick<MembersTable, 'join' | 'renew' | 'leave' | 'read'>;
  /** This process's life. */
  readonly life: string;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Milliseconds of the clock that all members share. Default: since the machine started. */
  readonly now?: () => number;
}

/** Milliseconds from one look at the members to the next. */
const tickMs = 400;
/** Milliseconds that a member counts without renewal. */
const leaseMs = 2_000;
/** Alone, nobody waits for the lease to end, and a disk need not be woken twice a second: the lease is long. */
const loneLeaseMs = 30_000;

export class Membership implements Ownership {
  readonly #table: MembershipOptions['table'];
  #self: MemberRow;
  readonly #logger: MembershipOptions['logger'];
  readonly #now: () => number;
  readonly #listeners = new Set<(change: OwnershipChange) => void>();
  #view: MembershipView = { epoch: 0, members: [] };
  #leasedUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> | undefined;
  #isOver = false;

  constructor({ table, life, logger, now = sinceBoot }: MembershipOptions) {
    this.#table = table;
    this.#self = { id: '', life };
    this.#logger = logger;
    this.#now = now;
  }

  /** As last read. */
  get view(): MembershipView {
    return this.#view;
  }

  /** Below 0 while this backend is no member. */
  get epoch(): number {
    return this.#view.members.some(({ id }) => id === this.#self.id) ? this.#view.epoch : -1;
  }

  get self(): string {
    return this.#self.id;
  }

  /**
   * A lone backend goes by what it read last, since its lease protects nobody: when it cannot renew it, for a full disk, it
   * still answers what it can.
   */
  owns(key: OwnershipKey): boolean {
    return ownerOf(key, this.#view) === this.#self.id && (this.isAlone || this.#now() < this.#leasedUntil);
  }

  onChange(listener: (change: OwnershipChange) => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Enters, and stays until `leave`.
   *
   * @param address `HOST:PORT` by which proxies reach this backend; it must be listened on already
   * @throws StoreError
   */
  async join(address: string): Promise<void> {
    this.#self = { ...this.#self, id: address };
    const now = this.#now();
    const view = await this.#table.join(this.#self, { now, leaseMs });
    this.#leasedUntil = now + leaseMs;
    this.#take(view);
    this.#schedule();
  }

  /** Leaves its keys to the others. Without others it only lets go of the address. */
  async leave(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#ticking;
    this.#take(await this.#table.leave(this.#self));
  }

  /** One look: renews the lease when that is due, and learns who is there. */
  async tick(): Promise<void> {
    const now = this.#now();
    const lease = this.isAlone ? loneLeaseMs : leaseMs;
    // Half of a long lease may pass unrenewed; a short one is renewed at each look.
    const isDue = !this.isAlone || this.#leasedUntil - now < lease / 2;
    const view = isDue
      ? await this.#table.renew(this.#self, { now, leaseMs: lease })
      : await this.#table.read();
    const isMember = view.members.some(({ id }) => id === this.#self.id);
    if (isDue && isMember) this.#leasedUntil = now + lease;
    const wasAlone = this.isAlone;
    this.#take(view);
    // Others have come and cut the lease short: they wait for a sign of life.
    if (wasAlone && !this.isAlone && !this.#isOver) await this.tick();
  }

  /** Nobody else is there to take over. */
  get isAlone(): boolean {
    return this.#view.members.length === 1;
  }

  #schedule(): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => {
      this.#ticking = this.tick()
        .catch((err: unknown) => this.#logger.warn({ err }, 'The members could not be read; trying again.'))
        .finally(() => this.#schedule());
    }, tickMs);
  }

  #take(view: MembershipView): void {
    if (view.epoch <= this.#view.epoch) return;
    const before = this.#view;
    this.#view = view;
    const members = view.members.map(({ id }) => id);
    this.#logger.info({ epoch: view.epoch, members }, 'The live backends have changed.');
    const isNext = view.epoch === before.epoch + 1;
    const { id } = this.#self;
    const kept = (key: OwnershipKey) => isNext && ownerOf(key, before) === id && ownerOf(key, view) === id;
    for (const listener of this.#listeners) listener({ view, kept });
  }
}

function sinceBoot(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

import type { PlayerId, SessionId } from '../../../protocol/ids.ts';
import type { AddressBudget } from './address-budget.ts';
import type { LimitSettings } from './limit-settings.ts';
import { type BudgetLevel, MessageBudget, type Overspent } from './message-budget.ts';
import type { RestingTable } from './resting-table.ts';
import type { SenderBudget, SessionBudget } from './sender-budget.ts';

/** Every budget of a process, by key. */
export interface Ledger {
  readonly settings: LimitSettings;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly addresses: RestingTable<string, AddressBudget>;
  readonly accounts: RestingTable<PlayerId, SenderBudget>;
  readonly sessions: RestingTable<SessionId, SessionBudget>;
}

export interface CallerOptions {
  readonly ledger: Ledger;
  readonly address: string;
  /** The key of its budget, which has counted the connection and is in use until the end. */
  readonly network: string;
  readonly budget: AddressBudget;
}

export type SocketRule = 'sockets.session' | 'sockets.account';

interface Sender {
  readonly player: PlayerId;
  readonly session: SessionId;
  readonly messages: MessageBudget;
}

/** Who is at the other end of one TCP connection: a stranger, until a session signs in on it. */
export class Caller {
  readonly address: string;
  readonly #ledger: Ledger;
  readonly #network: string;
  readonly #budget: AddressBudget;
  #sender: Sender | undefined;
  #isOver = false;
  /** Told once, at the end. */
  onEnd: (() => void) | undefined;

  constructor({ ledger, address, network, budget }: CallerOptions) {
    this.address = address;
    this.#ledger = ledger;
    this.#network = network;
    this.#budget = budget;
  }

  /** The session that has signed in on the connection. */
  get sender(): Pick<Sender, 'player' | 'session'> | undefined {
    return this.#sender;
  }

  /** Takes one HTTP request; gives 0, or the milliseconds until there is one. */
  request(): number {
    return this.#budget.request(this.#ledger.settings.address, this.#ledger.now());
  }

  /** The connection is a socket of this session from now on; or a rule says that it has as many as it may. */
  signIn({ player, session }: Pick<Sender, 'player' | 'session'>): SocketRule | undefined {
    const { settings, accounts, sessions, now } = this.#ledger;
    if (this.#isOver || this.#sender !== undefined) return undefined;
    if (sessions.users(session) >= settings.session.sockets) return 'sockets.session';
    if (accounts.users(player) >= settings.account.sockets) return 'sockets.account';
    const messages = new MessageBudget({
      session: sessions.acquire(session),
      account: accounts.acquire(player),
      address: this.#budget,
      share: this.#budget.signedIn(player, settings.address, now()),
    });
    this.#sender = { player, session, messages };
    return undefined;
  }

  /** Takes one message of so many bytes; or says why not. Before a sign-in there is no budget, and nothing is refused. */
  spend(bytes: number): Overspent | undefined {
    return this.#sender?.messages.spend(this.#ledger.settings, this.#ledger.now(), bytes);
  }

  /** How much is left of what its messages are paid from; nothing before the sign-in. */
  get levels(): readonly BudgetLevel[] {
    return this.#sender?.messages.levels(this.#ledger.settings, this.#ledger.now()) ?? [];
  }

  /** Whether a message may pass without being paid for. */
  get hasCredit(): boolean {
    return this.#sender?.messages.hasCredit(this.#ledger.settings, this.#ledger.now()) ?? false;
  }

  /** One that passed so should not have. */
  owe(): void {
    this.#sender?.messages.owe(this.#ledger.settings);
  }

  /** The connection has gone. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { accounts, sessions, addresses } = this.#ledger;
    this.#budget.disconnected(this.#sender?.player);
    if (this.#sender !== undefined) {
      sessions.release(this.#sender.session);
      accounts.release(this.#sender.player);
    }
    addresses.release(this.#network);
    this.onEnd?.();
  }
}

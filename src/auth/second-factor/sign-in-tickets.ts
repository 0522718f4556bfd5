import type { PlayerId, RandomBytes } from '../../protocol/ids.ts';
import type { Store } from '../../store/index.ts';
import { AuthError } from '../auth-error.ts';
import { isBanned } from '../is-banned.ts';
import type { AccountRow, AuthSchema } from '../schema.ts';
import { digestOfToken, newOpaqueToken } from '../tokens/opaque-token.ts';

/** Seconds to find the phone and type what it shows. */
export const ticketSeconds = 300;
/** Codes that may be tried with one ticket. */
const triesOfTicket = 5;
/** Of one player; a further one takes the place of the oldest. */
const ticketsMost = 8;

export interface SignInTicketsOptions {
  readonly store: Store<AuthSchema>;
  readonly clock: () => number;
  readonly randomBytes: RandomBytes;
}

export type TicketHolder = Pick<AccountRow, 'player' | 'name'>;

/**
 * Stands for a password that was right, until the second factor has come too: good for one sign-in, some tries and a few
 * minutes. Whoever finds one can do nothing with it that the code would not be asked for.
 */
export class SignInTickets {
  readonly #options: SignInTicketsOptions;

  constructor(options: SignInTicketsOptions) {
    this.#options = options;
  }

  async issue(player: PlayerId): Promise<string> {
    const { store, clock, randomBytes } = this.#options;
    const ticket = newOpaqueToken('signIn', randomBytes);
    await store.db.transaction().execute(async (transaction) => {
      const now = clock();
      const surplus = transaction
        .selectFrom('sign_in_tickets')
        .select('digest')
        .where('player', '=', player)
        .orderBy('created_at', 'desc')
        .orderBy('digest')
        .limit(ticketsMost)
        .offset(ticketsMost - 1);
      await transaction.deleteFrom('sign_in_tickets').where('digest', 'in', surplus).execute();
      await transaction
        .insertInto('sign_in_tickets')
        .values({
          digest: digestOfToken(ticket),
          player,
          tries_left: triesOfTicket,
          created_at: now,
          expires_at: now + ticketSeconds * 1000,
        })
        .execute();
    });
    return ticket;
  }

  /** Takes one try from a ticket. @throws AuthError `sign_in_ticket_invalid` */
  async take(ticket: string): Promise<TicketHolder> {
    const { store, clock } = this.#options;
    const digest = digestOfToken(ticket);
    const now = clock();
    const { numUpdatedRows } = await store.db
      .updateTable('sign_in_tickets')
      .set((row) => ({ tries_left: row('tries_left', '-', 1) }))
      .where('digest', '=', digest)
      .where('tries_left', '>', 0)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw new AuthError('sign_in_ticket_invalid');
    const row = await store.db
      .selectFrom('sign_in_tickets')
      .innerJoin('accounts', 'accounts.player', 'sign_in_tickets.player')
      .select(['accounts.player', 'accounts.name', 'accounts.disabled_at', 'accounts.disabled_until'])
      .where('digest', '=', digest)
      .executeTakeFirst();
    if (row === undefined || isBanned(row, now)) throw new AuthError('sign_in_ticket_invalid');
    return { player: row.player, name: row.name };
  }

  /** Uses a ticket up: of two sign-ins with one ticket, the second is refused. @throws AuthError `sign_in_ticket_invalid` */
  async use(ticket: string): Promise<void> {
    const { numDeletedRows } = await this.#options.store.db
      .deleteFrom('sign_in_tickets')
      .where('digest', '=', digestOfToken(ticket))
      .executeTakeFirst();
    if (numDeletedRows !== 1n) throw new AuthError('sign_in_ticket_invalid');
  }

  async forgetOld(): Promise<void> {
    const { store, clock } = this.#options;
    await store.db.deleteFrom('sign_in_tickets').where('expires_at', '<=', clock()).execute();
  }
}

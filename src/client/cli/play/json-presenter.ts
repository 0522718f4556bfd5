import type { ClientError } from '../../client-error.ts';
import type { Match, MatchPresence, MatchUpdate } from '../../match.ts';
import type { Output } from '../terminal.ts';
import type { ConnectionNotice } from './connection-notices.ts';
import { outcomeFor } from './outcome.ts';
import type { Presenter } from './presenter.ts';

/**
 * One JSON object a line: `waiting`, `match`, `snapshot`, `event`, `presence`, `connection`, `yourTurn`, `refused`,
 * `result`. Snapshots and events are those of the player protocol.
 */
export class JsonPresenter implements Presenter {
  readonly #stdout: Output;
  #match: Match | undefined;

  constructor(stdout: Output) {
    this.#stdout = stdout;
  }

  waiting(): void {
    this.#print({ type: 'waiting' });
  }

  entered(match: Match): void {
    this.#match = match;
    const { id, game, seat, code } = match;
    this.#print({ type: 'match', match: id, game, seat, ...(code !== undefined && { code }) });
  }

  updated(update: MatchUpdate): void {
    const { state } = update;
    if (update.kind === 'snapshot') this.#print({ type: 'snapshot', snapshot: state });
    else this.#print({ type: 'event', event: update.event });
    const justEnded = update.kind === 'snapshot' ? state.status === 'over' : update.event.type === 'ended';
    if (!justEnded || state.result === null) return;
    const seat = this.#match?.seat ?? null;
    this.#print({ type: 'result', outcome: outcomeFor(state.result, seat), seat, result: state.result });
  }

  presence({ online, service }: MatchPresence): void {
    this.#print({ type: 'presence', ...(online && { online }), service });
  }

  notice(notice: ConnectionNotice): void {
    this.#print({ type: 'connection', state: notice });
  }

  askMove(): void {
    this.#print({ type: 'yourTurn', seq: (this.#match?.state.seq ?? 0) + 1 });
  }

  refused(reason: string, error?: ClientError): void {
    this.#print({ type: 'refused', code: error?.refusal?.code ?? 'move_malformed', reason });
  }

  #print(object: Readonly<Record<string, unknown>>): void {
    this.#stdout.write(`${JSON.stringify(object)}\n`);
  }
}

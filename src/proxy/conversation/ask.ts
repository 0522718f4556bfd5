import type { Trace } from '../../process/traces/tracer.ts';
import type { CommandId, MatchId } from '../../protocol/ids.ts';
import type { LinkFollow, LinkRefusal } from '../../protocol/link-messages.ts';
import type { RequestId } from '../../protocol/player-messages.ts';
import type { Refusal } from '../../protocol/refusals.ts';
import type { Asker, LinkJson } from '../link/link.ts';
import type { TurnMove } from '../policy/policy.ts';
import type { ForwardedMethod } from '../routing.ts';
import type { Answers } from './answers.ts';
import type { PlayerSocket } from './player-socket.ts';
import { resultText } from './rpc-text.ts';

export interface AskOptions {
  readonly socket: PlayerSocket;
  readonly answers: Answers;
  readonly id: RequestId;
  readonly method: ForwardedMethod;
  readonly params: {
    readonly match?: string | undefined;
    readonly commandId?: string | undefined;
    readonly after?: number | undefined;
    readonly game?: string | undefined;
  };
  /** The link's parameters, for those that must be said again on a new connection. */
  readonly body: string;
  readonly turn: TurnMove | undefined;
  readonly trace?: Trace | undefined;
}

/** A player's request that a backend must answer. Settled exactly once, by whichever comes first; later ones are dropped. */
export class Ask implements Asker {
  readonly socket: PlayerSocket;
  readonly id: RequestId;
  readonly method: ForwardedMethod;
  readonly match: MatchId | undefined;
  readonly commandId: CommandId | undefined;
  readonly after: number | undefined;
  readonly game: string | undefined;
  readonly body: string;
  readonly requestId: string;
  readonly #answers: Answers;
  readonly #turn: TurnMove | undefined;
  readonly #trace: Trace | undefined;
  readonly #askedAt = performance.now();
  #settled = false;
  #hasArrived = false;

  constructor({ socket, answers, id, method, params, body, turn, trace }: AskOptions) {
    this.socket = socket;
    this.#answers = answers;
    this.#turn = turn;
    this.#trace = trace;
    this.id = id;
    this.method = method;
    this.match = params.match as MatchId | undefined;
    this.commandId = params.commandId as CommandId | undefined;
    this.after = params.after;
    this.game = params.game;
    this.body = body;
    this.requestId = answers.nextRequestId();
    trace?.describe({ match: this.match, request: this.requestId });
  }

  /** It was the turn of the seat that asked. */
  get isTurn(): boolean {
    return this.#turn !== undefined;
  }

  /** Milliseconds so far. */
  get tookMs(): number {
    return performance.now() - this.#askedAt;
  }

  get isSettled(): boolean {
    return this.#settled;
  }

  // ---- from the link

  replied(reply: LinkJson): void {
    if (this.#settled) return;
    this.#arrived();
    this.#answers.reply(this, reply);
  }

  /** What a look at a match shows, from wherever it came. */
  found(follow: LinkFollow): void {
    this.#answers.found(this, follow);
  }

  refused(refusal: LinkRefusal, namesPlayers: boolean): void {
    if (this.#settled) return;
    this.#arrived();
    this.#answers.refusal(this, refusal, namesPlayers);
  }

  // ---- to the player

  /** `result` is JSON text. */
  result(result: string): void {
    if (!this.#settle()) return;
    this.#arrived();
    this.socket.outbox.deliver(resultText(this.id, result));
    this.#answers.refuser.answered(this);
    this.#trace?.end();
  }

  refuse(refusal: Refusal): void {
    if (!this.#settle()) return;
    this.#turn?.refused(refusal);
    this.#answers.refuser.refuseAsk(this, refusal);
    this.#trace?.end(refusal.code);
  }

  /** As a reply, or as the event that is the answer. */
  #arrived(): void {
    if (this.#trace === undefined || this.#hasArrived) return;
    this.#hasArrived = true;
    this.#trace.stage('answer');
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.socket.settled(this);
    return true;
  }
}

import type { Elsewhere } from '../../protocol/link-messages.ts';
import { type Refusal, refuse } from '../../protocol/refusals.ts';
import type { About, BackendsRequest } from './backends.ts';
import type { BackendAsker, LinkJson } from './link.ts';

/** Times that a request is sent on before its player is told to try again: a move of ownership is over long before. */
const sendsMost = 40;

/** One request on its way to the backend that answers it. Its asker is told once, whoever answers first. */
export class RoutedAsk implements BackendAsker {
  readonly request: BackendsRequest;
  about: About;
  readonly #sendOn: (ask: RoutedAsk, detail: Elsewhere) => void;
  #sends = 0;
  #isOver = false;

  constructor(request: BackendsRequest, sendOn: (ask: RoutedAsk, detail: Elsewhere) => void) {
    this.request = request;
    this.about = request.about;
    this.#sendOn = sendOn;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Nobody wants the answer any more. */
  forget(): void {
    this.#isOver = true;
  }

  replied(reply: LinkJson): void {
    if (this.#end()) this.request.asker.replied(reply);
  }

  refused(refusal: Refusal, namesPlayers: boolean): void {
    if (this.#end()) this.request.asker.refused(refusal, namesPlayers);
  }

  elsewhere(detail: Elsewhere): void {
    if (this.#isOver) return;
    if (detail.match !== undefined) this.about = detail.match;
    this.#sends += 1;
    if (this.#sends < sendsMost) this.#sendOn(this, detail);
    else this.refused(refuse('backend_unavailable', { retryAfterMs: 1_000 }), false);
  }

  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    return true;
  }
}

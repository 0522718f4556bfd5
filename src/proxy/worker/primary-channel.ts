import type { Socket } from 'node:net';
import type { ControlAnswer, ControlResponder } from '../../process/control/index.ts';
import { OperatorError } from '../../process/operator-error.ts';
import type { PreparedChange, Settings } from '../../settings/index.ts';
import type { Outdated } from '../routes/http/cache/http-cache.ts';
import type { UpstreamName } from '../routes/route-control.ts';
import type { FromWorker, ToWorker, WorkerBegin } from './worker-messages.ts';

/** What the primary's messages do in a worker; each waits until it is set. */
export interface WorkerDuties {
  ticketKeys(keys: Buffer): void;
  drained(upstreams: readonly UpstreamName[]): void;
  outdated(answers: Outdated): void;
  connection(socket: Socket): void;
  readFiles(): void;
  /** @throws when the settings are refused */
  prepare(settings: Settings): Promise<PreparedChange>;
  find(route: string): ControlResponder | undefined;
  drain(replaced: boolean): void;
}

/** A worker's end of the channel to its primary. */
export class PrimaryChannel {
  readonly #begin = Promise.withResolvers<WorkerBegin>();
  readonly #duties = Promise.withResolvers<WorkerDuties>();
  readonly #asked = new Map<number, AbortController>();
  readonly #prepared = new Map<number, PreparedChange>();

  constructor() {
    process.on('message', (message: ToWorker, handle) => this.#take(message, handle as Socket | undefined));
  }

  /** What this worker is to be. */
  get begin(): Promise<WorkerBegin> {
    return this.#begin.promise;
  }

  /** Begins to act on messages, those before included, in their order. */
  serve(duties: WorkerDuties): void {
    this.#duties.resolve(duties);
  }

  send(message: FromWorker): void {
    // Nobody is there to hear of it when the primary has gone; the worker then drains.
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  }

  #take(message: ToWorker, handle: Socket | undefined): void {
    if (message.type === 'begin') this.#begin.resolve(message);
    else void this.#duties.promise.then((duties) => this.#act(duties, message, handle));
  }

  #act(duties: WorkerDuties, message: Exclude<ToWorker, WorkerBegin>, handle: Socket | undefined): void {
    switch (message.type) {
      case 'ticket-keys':
        duties.ticketKeys(Buffer.from(message.keys, 'base64'));
        return;
      case 'drained':
        duties.drained(message.upstreams);
        return;
      case 'outdated':
        duties.outdated(message.outdated);
        return;
      case 'connection':
        // Its peer may have gone on the way.
        if (handle !== undefined) duties.connection(handle);
        return;
      case 'read-files':
        duties.readFiles();
        return;
      case 'prepare':
        void this.#prepare(duties, message);
        return;
      case 'apply':
      case 'abandon':
        this.#prepared.get(message.id)?.[message.type]();
        this.#prepared.delete(message.id);
        return;
      case 'ask':
        void this.#answer(duties, message);
        return;
      case 'unask':
        this.#asked.get(message.id)?.abort();
        return;
      case 'drain':
        duties.drain(message.replaced);
    }
  }

  async #prepare(duties: WorkerDuties, { id, settings }: ToWorker & { type: 'prepare' }): Promise<void> {
    try {
      this.#prepared.set(id, await duties.prepare(settings));
      this.send({ type: 'prepared', id });
    } catch (error) {
      const refusal = error instanceof OperatorError ? error.message : String(error);
      this.send({ type: 'prepared', id, refusal });
    }
  }

  async #answer(duties: WorkerDuties, message: ToWorker & { type: 'ask' }): Promise<void> {
    const { id, route, query, body } = message;
    const gone = new AbortController();
    this.#asked.set(id, gone);
    const answers = duties.find(route)?.({ query, body, signal: gone.signal }) ?? noAnswers();
    for await (const answer of answers) {
      if (gone.signal.aborted) break;
      this.send({ type: 'answer', id, answer });
    }
    this.#asked.delete(id);
    this.send({ type: 'answered', id });
  }
}

async function* noAnswers(): AsyncGenerator<ControlAnswer, void, undefined> {}

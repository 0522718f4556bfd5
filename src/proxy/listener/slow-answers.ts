import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Counter, Registry } from '../../process/metrics.ts';

export interface AnswerPace {
  /** Bytes that the reader of an answer takes in a second, at least. */
  readonly answerRate: number;
  /** Milliseconds for which an answer may wait before the rate counts. */
  readonly answerGrace: number;
}

export interface SlowAnswersOptions extends AnswerPace {
  readonly metrics?: Registry;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/** An answer that is not read to its end. Several may be on their way on one connection (pipelining). */
interface Answer {
  readonly socket: Socket;
  /** When the wait for its reader began, and how many bytes had left the connection by then. */
  waiting: { readonly since: number; readonly left: number } | undefined;
}

/**
 * Cuts off who reads an HTTP answer so slowly that it holds a connection and memory for nothing (slowhttptest -X). Node's own
 * time-outs start again with every byte that is taken; this one asks for a rate. The time in which nothing waits does not count.
 */
export class SlowAnswers {
  readonly #now: () => number;
  readonly #cut: Counter;
  readonly #answers = new Set<Answer>();
  readonly #timer: NodeJS.Timeout;
  #pace: AnswerPace;

  constructor({ metrics = new Registry(), now = () => performance.now(), ...pace }: SlowAnswersOptions) {
    this.#pace = pace;
    this.#now = now;
    this.#cut = new Counter({
      name: 'castling_listener_slow_answers_total',
      help: 'Connections that were cut off since an HTTP answer was read too slowly.',
      registers: [metrics],
    });
    this.#timer = setInterval(() => this.look(), 500);
    this.#timer.unref();
  }

  watch(server: Server): void {
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      const answer: Answer = { socket, waiting: undefined };
      this.#answers.add(answer);
      response.once('close', () => this.#answers.delete(answer));
    });
  }

  change(pace: AnswerPace): void {
    this.#pace = pace;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  look(): void {
    const now = this.#now();
    for (const answer of this.#answers) {
      const { socket, waiting } = answer;
      const left = socket.bytesWritten - socket.writableLength;
      if (socket.writableLength === 0) {
        answer.waiting = undefined;
      } else if (waiting === undefined) {
        answer.waiting = { since: now, left };
      } else if (now - waiting.since >= this.#pace.answerGrace) {
        const taken = left - waiting.left;
        const due = ((now - waiting.since) / 1_000) * this.#pace.answerRate;
        // Fast enough so far; what comes now is measured anew.
        if (taken >= due) answer.waiting = { since: now, left };
        else this.#cutOff(answer);
      }
    }
  }

  #cutOff(answer: Answer): void {
    this.#answers.delete(answer);
    if (answer.socket.destroyed) return;
    this.#cut.inc();
    answer.socket.destroy();
  }
}

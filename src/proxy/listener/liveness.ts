import type { WebSocket } from 'ws';

export interface LivenessOptions {
  /** Milliseconds between pings of a quiet socket, and of silence after which it counts as dead. */
  readonly pingMs?: number;
  readonly silenceMs?: number;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/** What is closed when nothing has been heard. */
export interface Silenced {
  close(code: 'silent'): void;
  /** True while it may be unable to answer although it lives. */
  readonly isHeldUp?: boolean;
}

interface Watched {
  readonly webSocket: WebSocket;
  readonly socket: Silenced;
  heardAt: number;
  pingedAt: number;
  /** A ping has had no pong. */
  isAsked: boolean;
}

/** Whether a pong answers a ping of ours; true once for each. */
export type TakePong = () => boolean;

/** Finds players who have gone without a word. One timer looks after all sockets. */
export class Liveness {
  readonly #now: () => number;
  readonly #watched = new Set<Watched>();
  #pingMs: number;
  #silenceMs: number;
  #timer: NodeJS.Timeout;

  constructor({ pingMs = 15_000, silenceMs = 35_000, now = () => performance.now() }: LivenessOptions = {}) {
    this.#pingMs = pingMs;
    this.#silenceMs = silenceMs;
    this.#now = now;
    this.#timer = this.#start();
  }

  /** Milliseconds, from now on, for sockets that are open too. */
  change({ pingMs, silenceMs }: { readonly pingMs: number; readonly silenceMs: number }): void {
    this.#pingMs = pingMs;
    this.#silenceMs = silenceMs;
    clearInterval(this.#timer);
    this.#timer = this.#start();
  }

  /** Watches until the socket closes; anything that comes from it counts as life. */
  watch(webSocket: WebSocket, socket: Silenced): TakePong {
    const now = this.#now();
    const watched: Watched = { webSocket, socket, heardAt: now, pingedAt: now, isAsked: false };
    const heard = () => {
      watched.heardAt = this.#now();
    };
    webSocket.on('message', heard).on('ping', heard).on('pong', heard);
    webSocket.once('close', () => this.#watched.delete(watched));
    this.#watched.add(watched);
    return () => {
      const { isAsked } = watched;
      watched.isAsked = false;
      return isAsked;
    };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setInterval(() => this.#look(), this.#pingMs / 3).unref();
  }

  #look(): void {
    const now = this.#now();
    for (const watched of this.#watched) {
      const { webSocket, socket, heardAt, pingedAt } = watched;
      // A socket that this side has paused cannot be heard.
      if (webSocket.isPaused || socket.isHeldUp === true) watched.heardAt = now;
      else if (now - heardAt >= this.#silenceMs) socket.close('silent');
      else if (now - Math.max(heardAt, pingedAt) >= this.#pingMs) {
        watched.pingedAt = now;
        watched.isAsked = true;
        webSocket.ping();
      }
    }
  }
}

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Server } from 'node:tls';
import { type Timers, waitFor } from '../../process/timers.ts';
import { connectionKey } from './connection-key.ts';

/** How often a condition is looked at that is waited for, in milliseconds. */
const lookEveryMs = 20;

/** The TCP connections of the player port, however they came, and which of them have not asked for anything yet. */
export class OpenConnections {
  readonly #open = new Set<Socket>();
  readonly #silent = new Map<string, Socket>();
  readonly #timers: Timers;

  /** Watches an HTTPS server on which nobody else has called `prependListener` for these events later than this. */
  constructor(server: Server, timers: Timers) {
    this.#timers = timers;
    server.prependListener('connection', (socket: Socket) => this.#arrived(socket));
    const asked = ({ socket }: IncomingMessage) => void this.#silent.delete(connectionKey(socket) ?? '');
    server.prependListener('request', asked);
    server.prependListener('upgrade', asked);
  }

  /** Resolves when every connection has made its first request, or after so many milliseconds. */
  async untilAllHaveAsked(withinMs: number): Promise<void> {
    await this.#until(() => this.#silent.size === 0, withinMs);
  }

  /** Ends those that have asked for nothing. */
  closeSilent(): void {
    for (const socket of this.#silent.values()) socket.destroy();
  }

  /** Resolves when there is none, or after so many milliseconds. */
  async untilNone(withinMs: number): Promise<void> {
    await this.#until(() => this.#open.size === 0, withinMs);
  }

  #arrived(socket: Socket): void {
    const key = connectionKey(socket);
    this.#open.add(socket);
    if (key !== undefined) this.#silent.set(key, socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      if (key !== undefined && this.#silent.get(key) === socket) this.#silent.delete(key);
    });
  }

  async #until(condition: () => boolean, withinMs: number): Promise<void> {
    const deadline = this.#timers.now() + withinMs;
    while (!condition() && this.#timers.now() < deadline) await waitFor(this.#timers, lookEveryMs);
  }
}

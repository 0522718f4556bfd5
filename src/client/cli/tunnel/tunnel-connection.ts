import type { Socket } from 'node:net';
import { ByteRelay } from '../../../process/byte-relay.ts';
import { allTunnelClosings, tunnelLimits } from '../../../protocol/tunnel.ts';
import type { AccessTokenSource, HeldToken } from '../../access-token.ts';
import { ClientError } from '../../client-error.ts';
import { InBandRefresh } from '../../in-band-refresh.ts';
import { parseServerMessage } from '../../server-message.ts';
import { SessionToken } from '../../session-token.ts';
import type { Timers } from '../../timers.ts';
import type { TunnelDial, TunnelSocket } from './tunnel-dial.ts';
import { type ToldClosing, tunnelFailure } from './tunnel-failure.ts';

/** What went through one connection. */
export interface TunnelTraffic {
  /** From the program on this machine to the server, and back. */
  readonly up: number;
  readonly down: number;
}

export interface TunnelConnectionOptions {
  /** Of the program on this machine; opened with `allowHalfOpen`, and paused. */
  readonly local: Socket;
  /** `wss://HOST:PORT/tunnel/NAME` */
  readonly url: string;
  readonly tokens: AccessTokenSource;
  readonly dial: TunnelDial;
  readonly timers: Timers;
}

/** Milliseconds for the answer to a fresh token. */
const answerMs = 15_000;

/** Milliseconds for dialling, signing in, and connecting to the upstream, together. */
const readyMs = 30_000;

/**
 * One TCP connection of a program on this machine, through one WebSocket.
 *
 * ```
 *   dialling ──the server says that the upstream is there──▶ open ──both directions ended──▶ done
 *      │  token refused: once more, with a fresh one           │
 *      └──────────────── anything else ────────────────────────┴──▶ failed: the program's connection is reset
 * ```
 *
 * Nothing is read from the program before `open`, so that a second attempt has everything that the first one had.
 */
export class TunnelConnection {
  readonly #options: TunnelConnectionOptions;
  readonly #token: SessionToken;
  readonly #traffic = { up: 0, down: 0 };
  readonly #refreshing = new Map<number, PromiseWithResolvers<{ expiresAt: number }>>();
  #socket: TunnelSocket | undefined;
  #relay: ByteRelay | undefined;
  #refresh: InBandRefresh | undefined;
  #told: ToldClosing | undefined;
  #requests = 0;
  #isCut = false;

  constructor(options: TunnelConnectionOptions) {
    this.#options = options;
    this.#token = new SessionToken(options.tokens);
  }

  get traffic(): TunnelTraffic {
    return this.#traffic;
  }

  /** Carries the connection to its end. @throws ClientError when that is not an orderly one */
  async run(): Promise<void> {
    const { local } = this.#options;
    // A program that gives up while the tunnel is being opened is heard of, and a reset before the relay listens is no crash.
    local.on('error', () => {});
    try {
      await this.#attempt().catch(async (error: unknown) => {
        if (!this.#mayTryAgain(error)) throw error;
        await this.#attempt();
      });
    } catch (error) {
      this.#relay?.reset();
      if (!local.destroyed) local.resetAndDestroy();
      if (this.#isCut) throw new ClientError('aborted', undefined, { cause: error });
      throw error;
    } finally {
      this.#refresh?.stop();
      for (const each of this.#refreshing.values()) each.reject(new ClientError('closed'));
    }
  }

  /** Ends it now: the program's connection is reset, as the server's is. */
  cut(): void {
    this.#isCut = true;
    this.#socket?.cut();
  }

  async #attempt(): Promise<void> {
    const { dial, timers, local } = this.#options;
    const shown = await this.#shown(await this.#token.obtain());
    if (this.#isCut || local.destroyed) throw new ClientError('aborted');
    const end = Promise.withResolvers<void>();
    const socket = dial({
      url: this.#options.url,
      ...shown,
      events: {
        bytes: (bytes) => void this.#relay?.receive(bytes),
        text: (text) => this.#read(text, () => this.#open(socket, end.resolve)),
        closed: (facts) => {
          cancelDeadline();
          local.off('close', giveUp);
          if (this.#relay?.state === 'done') end.resolve();
          else end.reject(tunnelFailure(facts, this.#told));
        },
      },
    });
    this.#socket = socket;
    const giveUp = () => socket.cut();
    // Until the relay listens, the end of the program's connection ends the attempt.
    local.once('close', giveUp);
    const cancelDeadline = timers.after(readyMs, () => {
      if (this.#relay === undefined) socket.cut();
    });
    await end.promise;
  }

  #open(socket: TunnelSocket, done: () => void): void {
    const { local } = this.#options;
    this.#token.accepted();
    this.#relay = new ByteRelay({
      socket: local,
      peer: socket,
      ...tunnelLimits,
      onMoved: (direction, bytes) => {
        this.#traffic[direction === 'out' ? 'up' : 'down'] += bytes;
      },
      onEnd: (how) => {
        if (how === 'broken') {
          socket.cut();
          return;
        }
        socket.close();
        done();
      },
    });
    local.resume();
  }

  // ---- the session

  #read(text: string, open: () => void): void {
    const message = parseServerMessage(text);
    if (message?.kind === 'result') {
      const { expiresAt } = (message.result ?? {}) as { expiresAt?: unknown };
      if (typeof expiresAt !== 'number') return;
      if (message.id === 0 && this.#relay === undefined) {
        open();
        this.#refresh = this.#keepSession();
        this.#refresh.schedule(expiresAt);
      } else this.#refreshing.get(message.id)?.resolve({ expiresAt });
    } else if (message?.kind === 'refusal' && message.id !== null) {
      const { refusal } = message;
      this.#refreshing.get(message.id)?.reject(new ClientError('refused', refusal.reason, { refusal }));
    } else if (message?.kind === 'notification') this.#notified(message.method, message.params);
  }

  #notified(method: string, params: Readonly<Record<string, unknown>>): void {
    if (method === 'session.expiring') void this.#refresh?.now();
    if (method !== 'session.closing') return;
    const { reason, retryAfterMs } = params;
    this.#told = {
      reason: typeof reason === 'string' ? reason : '',
      retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
    };
  }

  #keepSession(): InBandRefresh {
    return new InBandRefresh({
      timers: this.#options.timers,
      refresh: async () => {
        const held = await this.#token.renew();
        const params = await this.#shown(held);
        const id = ++this.#requests;
        const answer = Promise.withResolvers<{ expiresAt: number }>();
        this.#refreshing.set(id, answer);
        this.#socket?.sendText(JSON.stringify({ jsonrpc: '2.0', id, method: 'session.refresh', params }));
        // While the program here takes nothing, the answer waits behind what is meant for it; the token has arrived all the same.
        const assume = () => answer.resolve({ expiresAt: Math.floor(held.expiresAt / 1_000) });
        const cancel = this.#options.timers.after(answerMs, assume);
        try {
          const session = await answer.promise;
          this.#token.accepted();
          return session;
        } finally {
          cancel();
          this.#refreshing.delete(id);
        }
      },
      // The server closes a tunnel whose session is over, and says why; nothing better is known here.
      isFinal: (error) => error instanceof ClientError && error.code === 'signed_out',
    });
  }

  /** A proof is for one use, and whichever way it goes it is for the upgrade of this tunnel. */
  async #shown({ token, prover }: HeldToken): Promise<{ readonly token: string; readonly proof?: string }> {
    if (prover === undefined) return { token };
    const url = this.#options.url.replace(/^wss:/, 'https:');
    return { token, proof: await prover.prove({ method: 'GET', url, accessToken: token }) };
  }

  /** Only before anything was read from the program; a token that was refused is replaced once. */
  #mayTryAgain(error: unknown): boolean {
    if (this.#relay !== undefined || !(error instanceof ClientError)) return false;
    this.#told = undefined;
    if (error.closeCode === allTunnelClosings.token_expired.code) {
      this.#token.reject();
      return true;
    }
    return error.closeCode === allTunnelClosings.token_invalid.code && this.#token.rejectOnce();
  }
}

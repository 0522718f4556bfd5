/** A player who speaks the protocol by hand: one WebSocket, frames as they are. Only what the rate limit refuses is sent again. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { AccountHttp } from '../../src/client/account-http.ts';
import { AuthClient, type Grant } from '../../src/client/auth-client.ts';
import type { RunningCastling } from './castling.ts';
import { trust } from './player.ts';

export interface Answer {
  readonly result?: Record<string, unknown>;
  readonly error?: {
    readonly code: number;
    readonly data: Record<string, unknown> & { readonly code: string };
  };
}

export interface RawPlayer {
  readonly grant: Grant;
  /** Everything received, in order. */
  readonly received: readonly Record<string, unknown>[];
  call(method: string, params: object): Promise<Answer>;
  /** Sends text or bytes as one message. */
  send(data: string | Buffer): void;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly socket: WebSocket;
  close(): void;
}

let commands = 0;
/** A fresh command id. */
export const commandId = () => `c_${String(++commands).padStart(10, '0')}`;

export async function registerRawPlayer(
  castling: Pick<RunningCastling, 'url' | 'ca'>,
  { name, password = 'correct horse battery' }: { readonly name: string; readonly password?: string },
): Promise<RawPlayer> {
  trust(castling);
  const grant = await new AuthClient(new AccountHttp({ origin: castling.url })).register({ name, password });
  return await openRawPlayer(castling, grant);
}

export async function openRawPlayer(
  castling: Pick<RunningCastling, 'url' | 'ca'>,
  grant: Grant,
): Promise<RawPlayer> {
  const socket = new WebSocket(`${castling.url.replace('https:', 'wss:')}/play`, 'castling.v1', {
    ca: readFileSync(castling.ca),
    headers: { authorization: `Bearer ${grant.accessToken}` },
  });
  const received: Record<string, unknown>[] = [];
  const waiting = new Map<unknown, (answer: Answer) => void>();
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString()) as Record<string, unknown>;
    received.push(message);
    waiting.get(message.id)?.(message as Answer);
    waiting.delete(message.id);
  });
  socket.on('error', () => {});
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const opened = new Promise<Answer>((resolve) => waiting.set(0, resolve));
  await Promise.race([
    opened,
    closed.then(({ code, reason }) => {
      throw new Error(`closed at once with ${code} ${reason}`);
    }),
  ]);
  let next = 1;
  return {
    grant,
    received,
    closed,
    socket,
    send: (data) => socket.send(data),
    close: () => socket.terminate(),
    async call(method, params) {
      for (;;) {
        const id = next++;
        const answer = new Promise<Answer>((resolve) => waiting.set(id, resolve));
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
        const { result, error } = await answer;
        if (error?.data.code !== 'rate_limited')
          return { ...(result && { result }), ...(error && { error }) };
        await sleep(Number(error.data.retryAfterMs));
      }
    },
  };
}

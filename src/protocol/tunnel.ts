/** The tunnel: one TCP connection of an unmodified program inside one WebSocket. TUNNEL.md tells it in words. */
import { type ClosingCode, closings } from './closings.ts';

export const tunnelSubprotocol = 'castling.tunnel.v1';

/** Followed by the name of a `tcp` route. */
export const tunnelPath = '/tunnel/';

export const tunnelLimits = {
  /** Bytes of one message, all fragments together. */
  messageBytes: 64 * 1024,
  /** Bytes that may wait on their way into the WebSocket before reading from the TCP connection stops. */
  waitingBytes: 128 * 1024,
} as const;

/**
 * Why a tunnel closes, beside what closes players' sockets. The ranges mean the same: 4000-4499 try again, 4500-4999 do not.
 * TUNNEL.md holds the same table; a test compares the two in both directions.
 */
export const tunnelClosings = {
  upstream_unavailable: { code: 4100, text: 'No program behind this route can be reached now.' },
  upstream_lost: { code: 4101, text: 'The program behind this route broke the connection off.' },
  tunnel_idle: { code: 4102, text: 'Nothing has gone through this tunnel for too long.' },
  tunnel_too_long: { code: 4103, text: 'This tunnel has been open for as long as one may be.' },
  route_full: { code: 4104, text: 'This route has as many tunnels as it may; try again later.' },
  player_full: { code: 4105, text: 'You have as many tunnels on this route as you may; close one.' },
  route_refused: { code: 4600, text: 'This account may not use this route; ask its operator.' },
  tunnel_violation: { code: 4601, text: 'Bytes came after the end of this direction.' },
} as const;

export type TunnelClosingCode = ClosingCode | keyof typeof tunnelClosings;

/** All that can close a tunnel. */
export const allTunnelClosings: {
  readonly [Code in TunnelClosingCode]: { readonly code: number; readonly text: string };
} = { ...closings, ...tunnelClosings };

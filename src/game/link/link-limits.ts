import { limits } from '../../protocol/limits.ts';

/** The backend's side of the link: every bound, in bytes, milliseconds or numbers. */
export const linkLimits = {
  /** Requests of one connection that may wait for an answer; told in hello. */
  inFlight: limits.linkInFlight,
  channels: limits.linkChannels,
  subscriptions: limits.linkSubscriptions,
  /** Bytes of one request's parameters. */
  requestBytes: 64 * 1024,
  /** Bytes that wait to be written, from which on nothing more is read … */
  pauseBytes: 4 * 1024 * 1024,
  /** … and at which the connection ends. */
  waitingBytes: 16 * 1024 * 1024,
  /** Bytes of missed events for one subscription; where they are more, it says gap. */
  missedBytes: 1024 * 1024,
  /**
   * Large answers that are made at once. With the bytes above they stay below the bound at which the
   * connection ends.
   */
  largeAnswers: 8,
  heartbeatMs: limits.linkHeartbeatMs,
  silenceMs: limits.linkSilenceMs,
  /** From the end of the TLS handshake to the peer's hello. */
  helloMs: 5_000,
  /** From the first byte of a connection to the end of its TLS handshake. */
  handshakeMs: 5_000,
  /** How long a connection may go on after go-away. */
  goAwayMs: 5_000,
  /** After go-away, how long requests that crossed it on the way may still come in. */
  lingerMs: 500,
  /** How long a connection that is over may take to send what it has. */
  endMs: 1_000,
  connections: 256,
} as const;

export type LinkLimits = { readonly [Name in keyof typeof linkLimits]: number };

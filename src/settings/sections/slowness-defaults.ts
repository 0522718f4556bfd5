import { limits } from '../../protocol/limits.ts';

/** Milliseconds and bytes. */
export const slownessDefaults = {
  handshake: 10_000,
  header: 10_000,
  request: 15_000,
  idle: 30_000,
  keepAlive: 5_000,
  signIn: limits.signInMs,
  pingAfter: 15_000,
  silence: 35_000,
  waitingBytes: 1024 * 1024,
  allWaitingBytes: 256 * 1024 * 1024,
  answerRate: 1024,
  answerGrace: 10_000,
} as const;

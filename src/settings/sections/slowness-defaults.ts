/** Milliseconds and bytes. */
export const slownessDefaults = {
  pingAfter: 15_000,
  silence: 35_000,
  waitingBytes: 1024 * 1024,
  allWaitingBytes: 256 * 1024 * 1024,
  answerRate: 1024,
  answerGrace: 10_000,
} as const;

/** How many wrong tries are taken, and from whom. Times in seconds. */
export interface GuessLimits {
  /** Wrong tries in a row on one account (or from one known device) before pauses begin. */
  readonly freeTries: number;
  /** The first pause; each further wrong try doubles it. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** Wrong tries in a row at which only a known device, a recovery code or an operator helps (NIST SP 800-63B-4: 100 at most). */
  readonly triesMost: number;
  /** Wrong tries that one site may make at once: a school behind one address mistypes a lot. */
  readonly siteTries: number;
  /** The same for a wide network. */
  readonly wideTries: number;
  /** Seconds after which a network has one more. */
  readonly networkRefill: number;
  /** Names with a wrong try within the window at which somebody is trying a list of them. */
  readonly alarmNames: number;
  readonly alarmWindow: number;
  /** What part of a network's tries, and of their refill, is left during an alarm. */
  readonly alarmShare: number;
  /** Counters kept; beyond it those that hold back least go first. */
  readonly countersMost: number;
}

export const guessLimits: GuessLimits = {
  freeTries: 10,
  firstPause: 30,
  longestPause: 3_600,
  triesMost: 100,
  siteTries: 100,
  wideTries: 400,
  networkRefill: 12,
  alarmNames: 150,
  alarmWindow: 600,
  alarmShare: 0.05,
  countersMost: 100_000,
};

/** Seconds to wait after so many wrong tries in a row; `Infinity` when waiting does not help any more. */
export function pauseAfter(wrongTries: number, limits: GuessLimits): number {
  if (wrongTries >= limits.triesMost) return Number.POSITIVE_INFINITY;
  if (wrongTries < limits.freeTries) return 0;
  return Math.min(limits.longestPause, limits.firstPause * 2 ** (wrongTries - limits.freeTries));
}

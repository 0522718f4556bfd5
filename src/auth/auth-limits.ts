import type { Settings } from '../settings/index.ts';
import { type GuessLimits, guessLimits } from './guessing/guess-limits.ts';
import { type HashQueueOptions, hashQueueDefaults } from './passwords/hash-queue.ts';
import { passwordLengthFloor } from './passwords/password-policy.ts';
import { type SessionLimits, sessionLimits } from './sessions.ts';

/** What an operator may change while accounts are in use. */
export interface AuthLimits {
  readonly sessions: SessionLimits;
  readonly guesses: GuessLimits;
  readonly hashing: HashQueueOptions;
  readonly passwords: {
    /** Code points, 8 at least. */
    readonly minimumLength: number;
  };
}

export const authLimits: AuthLimits = {
  sessions: sessionLimits,
  guesses: guessLimits,
  hashing: hashQueueDefaults,
  passwords: { minimumLength: passwordLengthFloor },
};

export function authLimitsFrom({ sessions, guessing, hashing, passwords }: Settings['auth']): AuthLimits {
  return {
    sessions: {
      ...sessionLimits,
      refreshSeconds: sessions.idleLifetime / 1_000,
      sessionSeconds: sessions.lifetime / 1_000,
      sessionsPerPlayer: sessions.perPlayer,
      graceSeconds: sessions.refreshGrace / 1_000,
    },
    guesses: {
      ...guessLimits,
      freeTries: guessing.freeTries,
      firstPause: guessing.firstPause / 1_000,
      longestPause: guessing.longestPause / 1_000,
      triesMost: guessing.mostTries,
      siteTries: guessing.siteTries,
      wideTries: guessing.wideTries,
      networkRefill: guessing.refill / 1_000,
      alarmNames: guessing.alarmNames,
      alarmWindow: guessing.alarmWindow / 1_000,
      alarmShare: guessing.alarmShare,
    },
    hashing: { inFlight: hashing.atOnce, waiting: hashing.waiting },
    passwords,
  };
}

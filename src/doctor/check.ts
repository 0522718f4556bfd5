import type { Settings } from '../settings/index.ts';
import type { RunningCastling } from './running-castling.ts';

/**
 * `ok`: looked at, and well. `note`: worth knowing, nothing to do. `warning`: works now, and will not for ever. `fault`: does not
 * work, or must not stay so; one of these is enough for `castling doctor` to end with 1.
 */
export type Mark = 'ok' | 'note' | 'warning' | 'fault';

/** What was seen, in a sentence, and what to do about it where there is something to do. */
export interface Finding {
  readonly mark: Mark;
  readonly says: string;
  readonly remedy?: string;
}

/** What is known when the settings cannot be read. */
export interface Machine {
  /** `NODE_ENV` is `production`. */
  readonly production: boolean;
}

/** What a check may look at. Everything that changes by itself is handed in. */
export interface Patient extends Machine {
  readonly settings: Settings;
  /** The Castling of this data folder. */
  readonly running: RunningCastling;
  /** `full` takes seconds for each gigabyte of database. */
  readonly depth: 'full' | 'quick';
  /** An HTTPS server to compare the clock with. */
  readonly clockFrom: URL | undefined;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** One thing that is looked at. It changes nothing, and throws only where it is at fault itself. */
export interface Check<Subject = Patient> {
  readonly name: string;
  run(subject: Subject): readonly Finding[] | Promise<readonly Finding[]>;
}

export function ok(says: string): Finding {
  return { mark: 'ok', says };
}

export function note(says: string): Finding {
  return { mark: 'note', says };
}

export function warning(says: string, remedy: string): Finding {
  return { mark: 'warning', says, remedy };
}

export function fault(says: string, remedy: string): Finding {
  return { mark: 'fault', says, remedy };
}

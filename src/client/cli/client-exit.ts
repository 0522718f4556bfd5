import { ExitCode } from '../../process/exit-code.ts';

/** How the player's commands end. `--help` shows this table, and the README repeats it. */
export const ClientExit = {
  /** The command did what was asked; a match was played to its end, won or not. */
  ok: ExitCode.ok,
  /** The server refused: a name taken, an unknown match. */
  refused: ExitCode.failure,
  /** The match goes on without you: you left, or the input ended. The seat is kept. */
  left: 3,
  /** The command line is wrong. */
  usage: ExitCode.usage,
  /** The server cannot be reached, or is not what it should be. */
  unavailable: ExitCode.unavailable,
  /** A fault in Castling. */
  software: ExitCode.software,
  /** No answer in time; trying again may help. */
  temporary: ExitCode.temporary,
  /** Not signed in, a wrong password, or an untrusted certificate. */
  noPermission: 77,
  /** A file or a setting is wrong. */
  configuration: ExitCode.configuration,
  /** Ctrl-C: 128 and the number of the signal. */
  interrupted: 130,
} as const;

export type ClientExit = (typeof ClientExit)[keyof typeof ClientExit];

export const exitTable = `
Exit codes:
  0    done; a match was played to its end, whoever won
  1    the server refused
  3    you left a match that goes on, or the input ended; your seat is kept
  64   the command line is wrong
  69   the server cannot be reached
  70   a fault in Castling
  75   no answer in time; try again
  77   not signed in, a wrong password, or a certificate that is not trusted
  78   a file or a setting is wrong
  130  interrupted by Ctrl-C`;

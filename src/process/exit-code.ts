/** How every Castling process ends. Numbers above 1 follow the BSD `sysexits.h` convention. */
export const ExitCode = {
  ok: 0,
  /** Something failed that no other number describes. */
  failure: 1,
  /** The command line is wrong. */
  usage: 64,
  /** Something outside did not answer: the network, a port, another process. */
  unavailable: 69,
  /** This program is at fault. */
  software: 70,
  /** The machine lacks a resource now; trying later may work. */
  temporary: 75,
  /** A setting, a file or a folder is wrong. A restart cannot cure it, so a supervisor must not try. */
  configuration: 78,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

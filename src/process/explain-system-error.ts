import { OperatorError } from './operator-error.ts';

/** What was being done when the operating system said no, so that the sentence can name it and the flag that moves it. */
export type Attempt =
  | { doing: 'listen'; port: number; host?: string | undefined; flag: string }
  | { doing: 'write' | 'read'; path: string; flag?: string | undefined };

/**
 * Says what a system error (`EADDRINUSE`, `EACCES`, `ENOSPC`, `EROFS`, `EMFILE`, …) means for the operator.
 * Returns `undefined` for an error that it does not know; the caller then throws the original.
 */
export function explainSystemError(error: unknown, attempt: Attempt): OperatorError | undefined {
  const code = systemErrorCode(error);
  if (code === undefined) return undefined;
  if (code === 'EMFILE' || code === 'ENFILE') {
    const sentence = 'This machine allows no more open files; raise the limit (`ulimit -n`) and start again.';
    return new OperatorError('too_many_files', sentence, { cause: error });
  }
  return attempt.doing === 'listen' ? explainPort(code, attempt, error) : explainFile(code, attempt, error);
}

/** The `code` of an error that came from the operating system, such as `ENOENT`. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function explainPort(
  code: string,
  attempt: Extract<Attempt, { doing: 'listen' }>,
  cause: unknown,
): OperatorError | undefined {
  const { port, flag } = attempt;
  switch (code) {
    case 'EADDRINUSE':
      return new OperatorError(
        'port_taken',
        `Port ${port} is taken by another program; stop that program, or choose another port with ${flag}.`,
        { cause },
      );
    case 'EACCES':
    case 'EPERM':
      return new OperatorError(
        'port_forbidden',
        `This account may not listen on port ${port}; choose a port above 1023 with ${flag}.`,
        { cause },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new OperatorError(
        'address_unavailable',
        `This machine has no address “${attempt.host ?? ''}” to listen on for port ${port}; choose one that it has.`,
        { cause },
      );
    default:
      return undefined;
  }
}

function explainFile(
  code: string,
  attempt: Extract<Attempt, { doing: 'write' | 'read' }>,
  cause: unknown,
): OperatorError | undefined {
  const elsewhere = attempt.flag === undefined ? '' : `, or choose another place with ${attempt.flag}`;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new OperatorError(
        'disk_full',
        `There is no space left on the disk for ${attempt.path}; free some${elsewhere}.`,
        { cause },
      );
    case 'EROFS':
      return new OperatorError(
        'folder_unusable',
        `The disk that holds ${attempt.path} is read-only; make it writable${elsewhere}.`,
        { cause },
      );
    case 'EACCES':
    case 'EPERM': {
      const sentence = `This account may not ${attempt.doing} ${attempt.path}; change its owner or mode${elsewhere}.`;
      return new OperatorError(attempt.doing === 'write' ? 'folder_unusable' : 'file_unreadable', sentence, {
        cause,
      });
    }
    case 'ENOTDIR':
    case 'EEXIST':
      return new OperatorError(
        'folder_unusable',
        `${attempt.path} cannot be a folder, since a file of that name is in the way; move it${elsewhere}.`,
        { cause },
      );
    case 'ENOENT':
      return new OperatorError('file_missing', `${attempt.path} does not exist; create it${elsewhere}.`, {
        cause,
      });
    default:
      return undefined;
  }
}

import { OperatorError } from '../../process/operator-error.ts';
import { printable } from '../../process/printable.ts';
import { refusals } from '../../protocol/refusals.ts';
import { ClientError } from '../client-error.ts';
import { CliError } from './cli-error.ts';
import { ClientExit } from './client-exit.ts';
import type { ServerAddress } from './server-address.ts';

/** What an explanation may name: the server in question, and how this program is called here. */
export interface ExplainContext {
  readonly address: ServerAddress;
  /** `castling`, or `npx castling` in a clone; with `--url` when the server is not the default one. */
  readonly call: (command: string) => string;
}

/** Turns any failure of a player's command into a sentence that says what to do; unknown ones come back unchanged. */
export function explain(error: unknown, context: ExplainContext): unknown {
  if (error instanceof OperatorError) {
    // Its numbers are a subset of the client's table.
    return new CliError(error.code, error.message, { exitCode: error.exitCode as ClientExit, cause: error });
  }
  if (!(error instanceof ClientError)) return error;
  // A token could not be had for a reason that is a sentence already: a damaged or busy profile.
  if (error.cause instanceof CliError) return error.cause;
  const { address, call } = context;
  switch (error.code) {
    case 'refused':
      return explainRefusal(error, context);
    case 'signed_out': {
      const message = `You are not signed in at ${address.origin}: \`${call('login NAME')}\`, or \`${call('register NAME')}\` for a new account.`;
      return new CliError('not_signed_in', message, { exitCode: ClientExit.noPermission, cause: error });
    }
    case 'unreachable':
      return explainNetworkError(error, address);
    case 'timed_out': {
      const message = `${address.origin} did not answer in time; try again in a moment.`;
      return new CliError('timed_out', message, { exitCode: ClientExit.temporary, cause: error });
    }
    case 'dismissed': {
      const message = `${address.origin} ended the connection: ${printable(error.message)}`;
      return new CliError('dismissed', message, { exitCode: ClientExit.refused, cause: error });
    }
    case 'protocol': {
      const message = `What answers at ${address.origin} is not a Castling server of this version; check --url.`;
      return new CliError('not_castling', message, { exitCode: ClientExit.unavailable, cause: error });
    }
    case 'closed':
    case 'aborted':
      return new CliError(error.code, error.message, { exitCode: ClientExit.left, cause: error });
  }
}

/** Hints for refusals whose own reason does not say what to do in this program. */
const hints: Readonly<Record<string, (call: ExplainContext['call']) => string>> = {
  name_taken: (call) => `Choose another name, or \`${call('login NAME')}\` if it is yours.`,
  credentials_wrong: (call) =>
    `Check the name and the password, or sign in by a browser with \`${call('login --browser')}\`; \`${call('register NAME')}\` makes a new account.`,
  match_unknown: (call) => `\`${call('matches')}\` lists yours; a private one needs its invite code.`,
  match_full: (call) => `\`${call('watch MATCH')}\` lets you watch it.`,
  too_many_matches: (call) => `\`${call('matches')}\` lists them.`,
  lobby_full: () => 'Try again in a moment.',
};

function explainRefusal(error: ClientError, { call }: ExplainContext): CliError {
  const code = error.refusal?.code ?? 'refused';
  const hint = hints[code]?.(call);
  const reason = printable(error.message);
  const exitCode = exitCodeFor(error);
  return new CliError(code, hint === undefined ? reason : `${reason} ${hint}`, { exitCode, cause: error });
}

function exitCodeFor({ refusal }: ClientError): ClientExit {
  if (refusal?.code === 'credentials_wrong') return ClientExit.noPermission;
  const known = Object.entries(refusals).find(([code]) => code === refusal?.code)?.[1];
  const mayPass = known?.retryable ?? refusal?.retryAfterMs !== undefined;
  return mayPass ? ClientExit.temporary : ClientExit.refused;
}

/** The first system or TLS error code in a chain of causes. */
function systemCode(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; depth++) {
    const { code, errors } = cause as { code?: unknown; errors?: unknown[] };
    if (typeof code === 'string' && !(cause instanceof ClientError)) return code;
    cause = cause.cause ?? errors?.[0];
  }
  return undefined;
}

export function explainNetworkError(error: unknown, address: ServerAddress): CliError {
  const { code, sentence, exitCode } = describeNetworkError(systemCode(error), address);
  return new CliError(code, sentence, { exitCode, cause: error });
}

function describeNetworkError(
  systemCode: string | undefined,
  { origin, host, port, isLoopback }: ServerAddress,
): { readonly code: string; readonly sentence: string; readonly exitCode: ClientExit } {
  const unreachable = (sentence: string) => ({
    code: 'server_unreachable',
    sentence,
    exitCode: ClientExit.unavailable,
  });
  const untrusted = (sentence: string) => ({
    code: 'certificate_untrusted',
    sentence,
    exitCode: ClientExit.noPermission,
  });
  switch (systemCode) {
    case 'ECONNREFUSED':
      return unreachable(
        isLoopback
          ? `No server answers at ${origin}; start one with \`npm start\`, or name another with --url.`
          : `No server answers at ${origin}; is it running there (\`npm start\`), and does the port ${port} fit?`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unreachable(`The name ${host} cannot be found; check --url and the network.`);
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return unreachable(`${origin} does not answer; check --url, the network and the server's firewall.`);
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return untrusted(
        `The certificate of ${origin} is not for the name ${host}; use a name that it lists, or have the operator run \`castling certs --name ${host}\`.`,
      );
    case 'CERT_HAS_EXPIRED':
      return untrusted(
        `The certificate of ${origin} has expired; its operator renews it with \`castling certs\`.`,
      );
    case 'CERT_NOT_YET_VALID':
      return untrusted(`The certificate of ${origin} is not valid yet; check this machine's clock.`);
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return unreachable(`What answers at ${origin} does not speak TLS; check the port in --url.`);
    default:
      if (/^(CERT_|UNABLE_TO_|INVALID_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_)/.test(systemCode ?? '')) {
        return untrusted(
          `The certificate of ${origin} is not trusted (${systemCode}); check --ca and --url.`,
        );
      }
      return unreachable(
        `${origin} cannot be reached${systemCode === undefined ? '' : ` (${systemCode})`}; check --url and that the server runs.`,
      );
  }
}

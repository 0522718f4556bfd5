import { readFile, stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { explainSystemError } from '../../process/explain-system-error.ts';
import { limits } from '../../protocol/limits.ts';
import type { AccessToken } from '../access-token.ts';
import { ClientError } from '../client-error.ts';
import { parseObject } from '../server-message.ts';
import { CliError } from './cli-error.ts';
import { ClientExit } from './client-exit.ts';

/** White space around a token, such as the end of a line. */
const spareBytes = 64;

/**
 * The token of an outside issuer as it stands in a file now. Somebody else keeps it fresh there (`oidc-token`, a timer, the
 * platform), so it is read anew whenever a token is needed, and never copied.
 *
 * @throws CliError `token_file_unusable`
 * @throws ClientError `signed_out` when it has run out; `unreachable` while the file has nothing newer than `rejected`
 */
export async function readTokenFile(
  path: string,
  { now, rejected }: { readonly now: number; readonly rejected?: string | undefined },
): Promise<AccessToken> {
  const token = await readPrivate(path);
  const expiresAt = endOf(token);
  if (expiresAt === undefined) {
    throw unusable(
      `${path} holds no token of an OpenID Connect provider: three parts with dots between them.`,
    );
  }
  if (expiresAt <= now) {
    const cause = spent(
      `The token in ${path} has run out; have its issuer's program write a fresh one there.`,
    );
    throw new ClientError('signed_out', cause.message, { cause });
  }
  if (token === rejected) {
    const cause = spent(
      `The server does not take the token in ${path} any more; have a fresh one written there.`,
    );
    throw new ClientError('unreachable', cause.message, { cause });
  }
  return { token, expiresAt };
}

/** Like SSH with its keys: what other accounts of the machine can read is nobody's secret, and is not used. */
async function readPrivate(path: string): Promise<string> {
  try {
    const { mode, size } = await stat(path);
    if (platform() !== 'win32' && (mode & 0o077) !== 0) {
      throw unusable(`${path} can be read by other accounts of this machine; \`chmod 600\` it first.`);
    }
    if (size > limits.tokenBytes + spareBytes) throw unusable(`${path} is too long to be a token.`);
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw explainSystemError(error, { doing: 'read', path, flag: '--token-file' }) ?? error;
  }
}

/** Unix milliseconds, as the token says: only to know when to look for another one. The server checks it. */
function endOf(token: string): number | undefined {
  const [, payload, , ...more] = token.split('.');
  if (payload === undefined || more.length > 0) return undefined;
  const exp = parseObject(Buffer.from(payload, 'base64url').toString('utf8'))?.exp;
  return typeof exp === 'number' ? exp * 1000 : undefined;
}

function unusable(message: string): CliError {
  return new CliError('token_file_unusable', message, { exitCode: ClientExit.configuration });
}

function spent(message: string): CliError {
  return new CliError('not_signed_in', message, { exitCode: ClientExit.noPermission });
}

import { BootstrapError } from './bootstrap-error.js';

/** What npm prints, what it means, and how the process ends. The first that fits is taken. */
const CAUSES = [
  {
    sign: /ENOSPC|EDQUOT|no space left/i,
    sentence:
      'the disk is full, so the dependencies cannot be installed; free some and run the same command again.',
    exitCode: 75,
  },
  {
    sign: /EROFS|read-only file system/i,
    sentence:
      'this folder is on a read-only disk, so the dependencies cannot be installed; clone to a disk that can be written.',
    exitCode: 78,
  },
  {
    sign: /EACCES|EPERM/,
    sentence:
      'this account may not write here, so the dependencies cannot be installed; clone to a folder of your own.',
    exitCode: 78,
  },
  {
    sign: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|network/i,
    sentence:
      'the npm registry cannot be reached, so the dependencies cannot be installed; check the network (or npm’s proxy setting) and run the same command again.',
    exitCode: 69,
  },
  {
    sign: /EINTEGRITY/,
    sentence:
      'a downloaded package is not the one that package-lock.json names, so nothing of it was used; run `npm cache clean --force` and the same command again.',
    exitCode: 78,
  },
];

/**
 * One sentence for a failed `npm ci`. Where the cause is unknown, npm's own last words follow.
 *
 * @param {string} output what npm printed
 * @param {number} code how npm ended
 */
export function explainNpmFailure(output, code) {
  const cause = CAUSES.find(({ sign }) => sign.test(output));
  if (cause) return new BootstrapError(cause.sentence, cause.exitCode);
  const lastWords = output.trim().split('\n').slice(-12).join('\n');
  return new BootstrapError(
    `npm could not install the dependencies (it ended with ${code}). It said:\n${lastWords}`,
    70,
  );
}

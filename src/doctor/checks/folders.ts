import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { systemErrorCode } from '../../process/explain-system-error.ts';
import { freeBytesAt, leastFreeBytes } from '../../supervisor/free-space.ts';
import { type Check, type Finding, fault, note, ok, type Patient, warning } from '../check.ts';

/** Free space under which a busy evening may come to the end of the disk, in bytes. */
const scarceBytes = 512 * 1_048_576;

export interface FoldersOptions {
  /** Bytes that this account may still write there. */
  readonly freeBytes?: (path: string) => Promise<number>;
  /** Of the account that looks; `undefined` on Windows. */
  readonly account?: number | undefined;
}

/** The data folder: there, this account's, closed to others, writable, with space. */
export function foldersCheck({
  freeBytes = freeBytesAt,
  account = process.getuid?.(),
}: FoldersOptions = {}): Check {
  return {
    name: 'data folder',
    run: async ({ settings: { data } }: Patient) => {
      const found = await stat(data).catch((error: unknown) => {
        if (systemErrorCode(error) === 'ENOENT') return undefined;
        throw error;
      });
      if (found === undefined) return [note(`${data} is not there yet; the first start makes it.`)];
      if (!found.isDirectory()) {
        const remedy = 'Move it away, or choose another folder with --data.';
        return [fault(`${data} is no folder.`, remedy)];
      }
      const findings = [
        ownership(data, { owner: found.uid, account }),
        openness(data, found.mode & 0o777),
        await writability(data),
        await space(data, freeBytes),
      ].filter((finding) => finding !== undefined);
      return findings.length > 0 ? findings : [ok(`${data} is this account’s, with space to write.`)];
    },
  };
}

function ownership(
  data: string,
  { owner, account }: { readonly owner: number; readonly account: number | undefined },
): Finding | undefined {
  if (account === undefined || owner === account) return undefined;
  return warning(
    `${data} belongs to another account, so what is said here of reading and writing is this account’s view.`,
    'Ask the doctor from the account that runs Castling.',
  );
}

function openness(data: string, mode: number): Finding | undefined {
  if (process.platform === 'win32') return undefined;
  const remedy = `Run: chmod 700 ${data}`;
  if ((mode & 0o022) !== 0) return fault(`Other accounts may put files into ${data}.`, remedy);
  if ((mode & 0o044) !== 0) return warning(`Other accounts may see what files are in ${data}.`, remedy);
  return undefined;
}

async function writability(data: string): Promise<Finding | undefined> {
  try {
    await access(data, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    return fault(
      `This account may not write in ${data}.`,
      'Change its owner or mode, or choose another with --data.',
    );
  }
}

async function space(
  data: string,
  freeBytes: (path: string) => Promise<number>,
): Promise<Finding | undefined> {
  const free = await freeBytes(data);
  const says = `Only ${Math.floor(free / 1_048_576)} MiB are left on the disk of ${data}`;
  if (free < leastFreeBytes)
    return fault(`${says}, too few to start with.`, 'Free some space, or choose another place with --data.');
  return free < scarceBytes
    ? warning(`${says}.`, 'Free some space soon: play stops when it is used up.')
    : undefined;
}

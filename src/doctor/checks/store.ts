import { inspectStore, StoreError } from '../../store/index.ts';
import { type Check, type Finding, fault, note, ok, type Patient, warning } from '../check.ts';

/** A write-ahead log that has grown to this has a reader that never ends, bytes. */
const largeLogBytes = 256 * 1_048_576;

export type StoreOf = 'accounts' | 'matches';

/** One of the two databases: it opens, is whole, is private, and its commits reach the disk. */
export function storeCheck(of: StoreOf): Check {
  return {
    name: `database of ${of}`,
    run: ({ settings, depth }) =>
      look(of === 'accounts' ? settings.auth.store : settings.backend.store, depth),
  };
}

function look(url: string, depth: Patient['depth']): Finding[] {
  let found: ReturnType<typeof inspectStore>;
  try {
    found = inspectStore(url, { depth });
  } catch (error) {
    if (error instanceof StoreError) return [note(error.message)];
    throw error;
  }
  const { path } = found;
  switch (found.state) {
    case 'absent':
      return [note(`${path} is not there yet; the first start makes it.`)];
    case 'unusable':
      return [fault(found.fault.message, remedyOf(found.fault, path))];
    case 'opened': {
      const findings = [
        ...damage(found.damage, path),
        ...found.exposed.map((each) =>
          fault(
            `Other accounts may read ${each.path}, and Castling does not start with it.`,
            `Run: chmod 600 ${each.path}`,
          ),
        ),
        ...(found.journal === 'wal' ? [] : [unlogged(path)]),
        ...(found.syncsEachCommit ? [] : [unsynced(path)]),
        ...(found.logBytes > largeLogBytes ? [largeLog(path)] : []),
      ];
      const size = `${Math.ceil(found.bytes / 1_048_576)} MiB`;
      const what = depth === 'full' ? 'is whole' : 'is whole as far as a quick look tells';
      return findings.length > 0
        ? findings
        : [ok(`${path} ${what}, private and synced at each commit (${size}).`)];
    }
  }
}

function damage(complaints: readonly string[], path: string): Finding[] {
  const [first, ...more] = complaints;
  if (first === undefined) return [];
  const rest = more.length === 0 ? '' : `, and ${more.length} more complaints`;
  return [fault(`${path} is damaged: ${first}${rest}.`, restore)];
}

const restore = 'Stop Castling, keep a copy of the file for whoever looks into it, and restore a backup.';

function remedyOf({ code }: StoreError, path: string): string {
  switch (code) {
    case 'corrupt':
      return restore;
    case 'busy':
      return 'Ask again; if it stays so, another program holds the file.';
    default:
      return `See to the permissions of ${path} and of its folder, or ask the doctor from the account that runs Castling.`;
  }
}

function unlogged(path: string): Finding {
  return warning(
    `${path} has no write-ahead log yet.`,
    'The next start of Castling makes one; if it does not stay, put the file on a local disk.',
  );
}

function unsynced(path: string): Finding {
  return fault(
    `This SQLite does not sync each commit of ${path}, so that a loss of power could lose acknowledged moves.`,
    'Run Castling with the Node.js that it asks for.',
  );
}

function largeLog(path: string): Finding {
  return warning(
    `The write-ahead log of ${path} is large: somebody has been reading the database for very long.`,
    'End other programs that have it open; Castling then shortens it by itself.',
  );
}

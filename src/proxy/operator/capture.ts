import { open } from 'node:fs/promises';
import type { Command } from 'commander';
import { askControl, type ControlRequest } from '../../process/control/index.ts';
import { explainSystemError, systemErrorCode } from '../../process/explain-system-error.ts';
import { OperatorError } from '../../process/operator-error.ts';
import { runCommand } from '../../process/run-command.ts';
import { PRIVATE_FILE_MODE } from '../../process/secure-file.ts';
import { dataFolderOf, readDuration, readSize, settingsOptions } from '../../settings/index.ts';
import type { Policy } from '../policy/policy.ts';
import type { CaptureHead, CapturePart } from './capture-file.ts';

/** `POST /capture`: what comes in, as long as the asker stays, with the settings that it is judged by. */
export async function* askCapture(
  policy: Policy,
  { body, signal }: ControlRequest,
): AsyncGenerator<CapturePart, void, undefined> {
  const { maskAddresses = false } = (body ?? {}) as { readonly maskAddresses?: boolean };
  let { settings } = policy;
  yield { settings };
  for await (const records of policy.record({ maskAddresses }, signal)) {
    yield { records };
    if (policy.settings.limits === settings.limits && policy.settings.filters === settings.filters) continue;
    settings = policy.settings;
    yield { settings };
  }
}

/** Of a capture: milliseconds and bytes. */
const [leastMs, mostMs] = [1_000, 24 * 3_600_000];
const [leastBytes, mostBytes] = [64 * 1024, 16 * 1024 ** 3];

interface Flags {
  readonly for: string;
  readonly most: string;
  readonly maskAddresses?: boolean;
}

/** `castling config capture FILE`: records traffic, for `castling config test`. */
export function registerCapture(config: Command): void {
  const command = config
    .command('capture')
    .description(
      'Record what comes to the Castling that runs here: when, from where, what kind, how large. Nothing that anybody says is kept, ' +
        'and players are numbers. `castling config test NEW --replay FILE` shows what other rules would have done with it.',
    )
    .argument('<file>', 'a new file; only this account can read it')
    .option('--for <duration>', 'how long, such as 30s or 10m', '10m')
    .option('--most <size>', 'ends earlier rather than let the file grow beyond this size', '64MiB')
    .option('--mask-addresses', 'keep networks (IPv4 /24, IPv6 /48) in place of addresses');
  const sources = settingsOptions(command, ['data']);
  command.action((file: string, flags: Flags) =>
    runCommand(async () => {
      const forMs = readDuration(flags.for);
      const most = readSize(flags.most);
      if (forMs === undefined || forMs < leastMs || forMs > mostMs)
        throw new OperatorError('usage', `--for ${flags.for}: give a time from 1s to 24h, like 30s or 10m.`);
      if (most === undefined || most < leastBytes || most > mostBytes)
        throw new OperatorError(
          'usage',
          `--most ${flags.most}: give a size from 64KiB to 16GiB, like 64MiB.`,
        );
      const data = await dataFolderOf(sources());
      const { records, bytes, lost } = await capture({
        data,
        file,
        forMs,
        most,
        maskAddresses: flags.maskAddresses ?? false,
      });
      const missing = lost === 0 ? '' : ` ${lost} came faster than they could be kept.`;
      process.stdout.write(`${file}: ${records} records, ${bytes} bytes.${missing}\n`);
    }),
  );
}

interface CaptureOptions {
  readonly data: string;
  readonly file: string;
  readonly forMs: number;
  /** Bytes. */
  readonly most: number;
  readonly maskAddresses: boolean;
}

async function capture({ data, file, forMs, most, maskAddresses }: CaptureOptions) {
  const handle = await openNew(file);
  const signal = AbortSignal.timeout(forMs);
  const head: CaptureHead = { castling: 'capture', version: 1, startedAt: Date.now(), maskAddresses };
  let [records, bytes, lost] = [0, 0, 0];
  /** False, and nothing written, when it would not fit. */
  const write = async (line: object): Promise<boolean> => {
    const text = `${JSON.stringify(line)}\n`;
    if (bytes + Buffer.byteLength(text) > most) return false;
    bytes += Buffer.byteLength(text);
    await handle.writeFile(text);
    return true;
  };
  try {
    await write(head);
    for await (const answer of askControl('POST /capture', { data, body: { maskAddresses }, signal })) {
      if ('error' in answer) throw new OperatorError('unavailable', answer.error.message);
      const part = answer.value as CapturePart;
      if ('records' in part) {
        if (part.records.length === 0) continue;
      }
      if (!(await write({ from: answer.from, ...part }))) break;
      if (!('records' in part)) continue;
      records += part.records.length;
      for (const record of part.records) if (record.e === 'lost') lost += record.n;
    }
  } catch (error) {
    // The time is over.
    if (!signal.aborted) throw explainSystemError(error, { doing: 'write', path: file }) ?? error;
  } finally {
    await handle.close();
  }
  return { records, bytes, lost };
}

async function openNew(file: string) {
  try {
    return await open(file, 'wx', PRIVATE_FILE_MODE);
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') {
      throw new OperatorError('usage', `${file} is there already; name a new file.`, { cause: error });
    }
    throw explainSystemError(error, { doing: 'write', path: file }) ?? error;
  }
}

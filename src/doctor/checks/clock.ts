import { readdir, stat } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Check, type Finding, fault, note, ok, type Patient, warning } from '../check.ts';

export interface ClockOptions {
  /** The server’s time in Unix milliseconds, and how long its answer took. */
  readonly ask?: (url: URL) => Promise<{ readonly time: number; readonly tookMs: number }>;
  /** Milliseconds that never jump. */
  readonly monotonic?: () => number;
  readonly pause?: (ms: number) => Promise<unknown>;
}

/** Machines whose clocks differ by more refuse each other’s tokens. */
const leewayMs = 60_000;
/** A step of the clock within the look, in milliseconds, that no slewing explains. */
const stepMs = 100;
const lookMs = 250;
const askMs = 5_000;

/**
 * What one machine can know of its clock: whether it jumps while one looks, and whether files were written later than now, which
 * means that it was set back or is far behind. How it compares with the world it knows only from another server, which is asked
 * when `--clock-from` names one. (That certificates are valid from some day on is looked at where they are.)
 */
export function clockCheck({
  ask = askDate,
  monotonic = () => performance.now(),
  pause = wait,
}: ClockOptions = {}): Check {
  return {
    name: 'clock',
    run: async (patient) => {
      const own = [
        ...(await jumps({ now: patient.now, monotonic, pause })),
        ...(await fromTheFuture(patient.settings.data, patient.now())),
      ];
      const compared = await compare(patient, ask);
      return own.length > 0 || compared.mark !== 'note' ? [...own, compared] : [compared];
    },
  };
}

async function jumps({
  now,
  monotonic,
  pause,
}: Pick<Patient, 'now'> & Required<Pick<ClockOptions, 'monotonic' | 'pause'>>): Promise<Finding[]> {
  const [wall, steady] = [now(), monotonic()];
  await pause(lookMs);
  const step = Math.abs(now() - wall - (monotonic() - steady));
  if (step < stepMs) return [];
  return [
    warning(
      `The clock was set by ${Math.round(step)} ms while the doctor looked.`,
      'Let a time service slew it rather than set it again and again.',
    ),
  ];
}

/** Files that the data folder got later than now. */
async function fromTheFuture(data: string, now: number): Promise<Finding[]> {
  const names = await readdir(data).catch(() => []);
  let latest = 0;
  for (const name of names) {
    const found = await stat(join(data, name)).catch(() => undefined);
    latest = Math.max(latest, found?.mtimeMs ?? 0);
  }
  if (latest <= now + leewayMs) return [];
  return [
    warning(
      `A file in ${data} was written ${secondsOf(latest - now)} from now: the clock was set back, or the folder’s server has another.`,
      'Set the clock by a time service (NTP), here and there.',
    ),
  ];
}

async function compare({ clockFrom, now }: Patient, ask: NonNullable<ClockOptions['ask']>): Promise<Finding> {
  if (clockFrom === undefined) {
    return note(
      'It runs evenly; nothing here says whether it is right. --clock-from https://HOST compares it with a server.',
    );
  }
  try {
    const { time, tookMs } = await ask(clockFrom);
    // The field counts in seconds, and was written somewhere between question and answer.
    const doubt = 1_000 + tookMs;
    const apart = Math.abs(now() - tookMs / 2 - time);
    const says = `It differs from ${clockFrom.host} by ${secondsOf(apart)}, give or take ${secondsOf(doubt)}`;
    const remedy = 'Set it by a time service (NTP).';
    if (apart > leewayMs + doubt) return fault(`${says}: tokens of other machines are refused.`, remedy);
    return apart > 5_000 + doubt ? warning(`${says}.`, remedy) : ok(`${says}.`);
  } catch {
    return warning(
      `${clockFrom.host} did not say what time it is.`,
      'Name another server with --clock-from, or leave it out.',
    );
  }
}

/** HEAD, for its Date field (RFC 9110 section 6.6.1). The certificate is verified: anybody else could say any time. */
function askDate(url: URL): Promise<{ time: number; tookMs: number }> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const sent = request(url, { method: 'HEAD', signal: AbortSignal.timeout(askMs) }, (response) => {
      response.destroy();
      const time = Date.parse(response.headers.date ?? '');
      if (Number.isNaN(time)) reject(new Error('no date'));
      else resolve({ time, tookMs: performance.now() - start });
    });
    sent.once('error', reject);
    sent.end();
  });
}

function secondsOf(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

import { OperatorError } from '../process/operator-error.ts';
import { type LoadedSettings, loadSettings, type SettingsSources } from '../settings/index.ts';
import { type Check, type Finding, fault, type Machine, note, ok, type Patient } from './check.ts';
import { certificatesCheck } from './checks/certificates.ts';
import { clockCheck } from './checks/clock.ts';
import { controlCheck } from './checks/control.ts';
import { foldersCheck } from './checks/folders.ts';
import { limitsCheck } from './checks/limits.ts';
import { linkCertificatesCheck } from './checks/link-certificates.ts';
import { portsCheck } from './checks/ports.ts';
import { storeCheck } from './checks/store.ts';
import { versionsCheck } from './checks/versions.ts';
import { findRunning } from './running-castling.ts';

/** A finding with the check that it is from. */
export interface Diagnosis extends Finding {
  readonly check: string;
}

export interface ExamineOptions extends Machine, Pick<Patient, 'depth' | 'clockFrom'> {
  readonly sources: SettingsSources;
  readonly now?: () => number;
}

/** These need no settings. */
const ofTheMachine: readonly Check<Machine>[] = [versionsCheck()];

/** In the order in which one cause explains the next. */
const ofTheCastling: readonly Check[] = [
  limitsCheck(),
  foldersCheck(),
  storeCheck('accounts'),
  storeCheck('matches'),
  certificatesCheck,
  linkCertificatesCheck,
  clockCheck(),
  controlCheck,
  portsCheck,
];

/**
 * Looks at everything, one after the other, and gives each finding as soon as it is known. Without settings that can be read
 * there is little else to look at.
 */
export async function* examine(options: ExamineOptions): AsyncGenerator<Diagnosis, void, undefined> {
  const { sources, now = Date.now, production, depth, clockFrom } = options;
  for (const check of ofTheMachine) yield* findingsOf(check, { production });
  const loaded = await read(sources);
  if (Array.isArray(loaded)) {
    yield* labelled('settings', loaded);
    return;
  }
  const { settings, file, digest } = loaded;
  const where = file === undefined ? 'There is no settings file, so defaults count' : `${file} is in order`;
  yield* labelled('settings', [ok(`${where} (digest ${digest}).`)]);
  const running = await findRunning(settings.data);
  const patient: Patient = { settings, production, running, depth, clockFrom, now };
  for (const check of ofTheCastling) yield* findingsOf(check, patient);
}

async function read(sources: SettingsSources): Promise<LoadedSettings | Finding[]> {
  try {
    return await loadSettings(sources);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const remedy = '`castling config explain KEY` says what a key takes.';
    return [
      fault([error.message, ...error.details].join('\n'), remedy),
      note('Everything else depends on the settings, and was not looked at.'),
    ];
  }
}

/** A check that fails itself is a finding, too: the others still have something to say. */
async function* findingsOf<Subject>(
  check: Check<Subject>,
  subject: Subject,
): AsyncGenerator<Diagnosis, void, undefined> {
  try {
    yield* labelled(check.name, await check.run(subject));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    yield* labelled(check.name, [
      fault(`This could not be looked at: ${why}`, 'Remove what the sentence names, and ask again.'),
    ]);
  }
}

function* labelled(check: string, findings: readonly Finding[]): Generator<Diagnosis, void, undefined> {
  for (const finding of findings) yield { check, ...finding };
}

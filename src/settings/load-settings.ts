import { join, resolve as resolvePath } from 'node:path';
import { explainSystemError, systemErrorCode } from '../process/explain-system-error.ts';
import { dataFolder } from '../process/folders.ts';
import { deriveDefaults, type Underived } from './derived-defaults.ts';
import { digestOf } from './digest.ts';
import { schemaOf } from './keys/key.ts';
import { type Environment, fromEnvironment, type Layer } from './reading/from-environment.ts';
import { fromFlags, type GivenFlag } from './reading/from-flags.ts';
import { type Located, layered, type Place, type Problem } from './reading/located.ts';
import { readTextFile } from './reading/read-text-file.ts';
import { mostBytes, readYaml } from './reading/read-yaml.ts';
import { type Resolved, resolve, type SecretFile } from './reading/resolve.ts';
import { brokenRules } from './rules.ts';
import { type Settings, settingsSchema } from './schema.ts';
import { SettingsError } from './settings-error.ts';
import { settingsKeys } from './settings-keys.ts';

const settingsFileName = 'castling.yaml';

/** Where settings come from, beside their defaults. */
export interface SettingsSources {
  readonly flags: readonly GivenFlag[];
  readonly env: Environment;
  /** The working folder, absolute. */
  readonly cwd: string;
  /** `--settings`; else `CASTLING_SETTINGS`, else the file is looked for. */
  readonly file?: string | undefined;
}

export interface LoadedSettings {
  readonly settings: Settings;
  /** Of each key: where its value comes from; a key with a derived default counts as `default`. */
  readonly origins: ReadonlyMap<string, Place>;
  /** The settings file, absolute; `undefined` when there is none. */
  readonly file: string | undefined;
  /** All files whose change may change the settings: the settings file (or where one is looked for), and secrets. */
  readonly watched: readonly string[];
  /** Equal for equal settings, secrets left out. */
  readonly digest: string;
}

/** Characters of a secret in a file of its own. */
const mostSecretBytes = 8 * 1024;

/**
 * Reads the settings: flag over environment over file over default. Everything is checked before anything is used, what a
 * higher layer overrules as well.
 *
 * @throws SettingsError with every mistake; OperatorError `file_missing`, `file_unreadable`
 */
export async function loadSettings(sources: SettingsSources): Promise<LoadedSettings> {
  const schema = schemaOf(settingsSchema);
  const { candidates, isChosen } = settingsFiles(sources);
  const found = await readFirst(candidates, isChosen);
  const file = found?.file;
  const layers: readonly Layer[] = [
    found === undefined ? nothing : fileLayer(found),
    fromEnvironment(sources.env, settingsKeys),
    fromFlags(sources.flags, { schema, keys: settingsKeys }),
  ];
  const options = { schema, keys: settingsKeys, cwd: sources.cwd };
  const of = file ?? 'The settings';
  const resolveOrThrow = (root: Located, before: readonly Problem[] = []): Resolved => {
    const resolved = resolve(root, options);
    const problems = unique([...before, ...resolved.problems]);
    if (problems.length > 0) throw new SettingsError(problems, of);
    return resolved;
  };
  const problems = layers.flatMap((layer) => [...layer.problems, ...resolve(layer.root, options).problems]);
  const roots = layers.map(({ root }) => root);
  const resolved = resolveOrThrow(roots.reduce(layered, nothing.root), problems);
  const settings = await complete(resolved, sources.env);
  const broken = brokenRules(settings).map(({ key, message }) => ({
    at: resolved.origins.get(key) ?? ({ from: 'default' } as const),
    key,
    message,
  }));
  if (broken.length > 0) throw new SettingsError(broken, of);
  return {
    settings: deepFreeze(settings),
    origins: resolved.origins,
    file,
    watched: [
      ...(file === undefined ? candidates : [file]),
      ...resolved.secretFiles.map((each) => each.file),
    ],
    digest: digestOf(settings),
  };
}

const nothing: Layer = { root: { kind: 'map', at: { from: 'default' }, entries: new Map() }, problems: [] };

async function complete(resolved: Resolved, env: Environment): Promise<Settings> {
  const { value, secretFiles } = resolved;
  for (const secret of secretFiles) putAt(value, secret.path, await readSecret(secret));
  deriveDefaults(value as unknown as Underived, env);
  return value as Settings;
}

function putAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) target[name] = value;
  else putAt(target[name] as Record<string, unknown>, rest, value);
}

/** The file that was chosen, or the places where one is looked for. */
function settingsFiles({ file, env, cwd, flags }: SettingsSources): {
  readonly candidates: readonly string[];
  readonly isChosen: boolean;
} {
  const chosen = file ?? (env.CASTLING_SETTINGS || undefined);
  if (chosen !== undefined) return { candidates: [resolvePath(cwd, chosen)], isChosen: true };
  const dataFlag = flags.findLast(({ key }) => key === 'data')?.text ?? (env.CASTLING_DATA || undefined);
  const data = dataFolder(dataFlag === undefined ? undefined : resolvePath(cwd, dataFlag));
  return { candidates: [join(cwd, settingsFileName), join(data, settingsFileName)], isChosen: false };
}

interface FoundFile {
  readonly file: string;
  readonly text: string | undefined;
}

async function readFirst(candidates: readonly string[], isChosen: boolean): Promise<FoundFile | undefined> {
  for (const file of candidates) {
    try {
      return { file, text: await readTextFile(file, mostBytes) };
    } catch (error) {
      if (!isChosen && ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) continue;
      throw explainSystemError(error, { doing: 'read', path: file, flag: '--settings' }) ?? error;
    }
  }
  return undefined;
}

function fileLayer({ file, text }: FoundFile): Layer {
  const at: Place = { from: 'file', file, line: 1, column: 1 };
  if (text === undefined)
    return { ...nothing, problems: [{ at, key: '', message: 'this is not text in UTF-8.' }] };
  const reading = readYaml(text, { file });
  return reading.ok ? { root: reading.root, problems: [] } : { ...nothing, problems: reading.problems };
}

async function readSecret({ file, at, path }: SecretFile): Promise<string> {
  const text = await readTextFile(file, mostSecretBytes).catch((error: unknown) => {
    throw explainSystemError(error, { doing: 'read', path: file }) ?? error;
  });
  const line = text?.replace(/\r?\n$/, '') ?? '';
  if (line !== '' && line.length <= mostSecretBytes && !/[\r\n]/.test(line)) return line;
  const key = path.join('.');
  const message = `${file} must hold one line of text, which is the secret.`;
  throw new SettingsError([{ at, key, message }], 'The settings');
}

/** A mistake that is seen in its layer and again in the whole counts once. */
function unique(problems: readonly Problem[]): Problem[] {
  const seen = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...seen.values()];
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) deepFreeze(each);
  return Object.freeze(value);
}

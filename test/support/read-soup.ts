import { schemaOf } from '../../src/settings/keys/key.ts';
import { readYaml } from '../../src/settings/reading/read-yaml.ts';
import { resolve } from '../../src/settings/reading/resolve.ts';
import { settingsSchema } from '../../src/settings/schema.ts';
import { settingsKeys } from '../../src/settings/settings-keys.ts';

/**
 * Reads a text as a settings file and checks what holds of every outcome. Gives the number of mistakes. @throws Error when
 * something does not hold
 */
export function readSoup(text: string): number {
  const file = '/x/castling.yaml';
  const reading = readYaml(text, { file });
  const outcome = reading.ok
    ? resolve(reading.root, { schema: schemaOf(settingsSchema), keys: settingsKeys, cwd: '/' })
    : { problems: reading.problems, value: undefined };
  const lines = text.split(/\r\n|\r|\n/).length;
  for (const { at, message } of outcome.problems) {
    if (at.from !== 'file' || at.line < 1 || at.line > lines + 1 || at.column < 1)
      throw new Error(`nowhere: ${JSON.stringify(at)}`);
    if (message.length === 0 || message.length > 1_000) throw new Error(`no sentence: ${message}`);
  }
  if (outcome.problems.length === 0 && outcome.value !== undefined) {
    const { proxy } = outcome.value as { proxy: { port: unknown } };
    if (!Number.isInteger(proxy.port)) throw new Error('no port');
  }
  if (!reading.ok && reading.problems.length === 0) throw new Error('refused without a reason');
  if (Object.keys(Object.prototype).length > 0) throw new Error('the prototype of all objects has changed');
  return outcome.problems.length;
}

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { settingsDocuments } from '../../../scripts/settings-docs.ts';
import { jsonSchema } from '../../../src/settings/documents/json-schema.ts';
import { schemaOf } from '../../../src/settings/keys/key.ts';
import { readYaml } from '../../../src/settings/reading/read-yaml.ts';
import { resolve } from '../../../src/settings/reading/resolve.ts';
import { settingsSchema } from '../../../src/settings/schema.ts';
import { settingsKeys } from '../../../src/settings/settings-keys.ts';
import { settingsTree } from '../../support/settings-tree.ts';

const documents = settingsDocuments();
const example = documents['castling.example.yaml'] ?? '';
/** Every key of the example that has a value, set. */
const everything = example.replaceAll(/^( *)#([A-Za-z]+: \S)/gm, '$1$2');

function resolved(yaml: string) {
  const reading = readYaml(yaml, { file: '/x.yaml' });
  if (!reading.ok) return { value: undefined, problems: reading.problems };
  return resolve(reading.root, { schema: schemaOf(settingsSchema), keys: settingsKeys, cwd: '/' });
}

describe('the documents of the settings', () => {
  it.each(Object.keys(documents))(
    'docs/%s is what the schema gives (node scripts/settings-docs.ts)',
    (name) => {
      expect(readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')).toBe(documents[name]);
    },
  );

  it('have an example that can be used as it is, and says the defaults', () => {
    const byDefault = resolved('');
    expect(resolved(example)).toMatchObject({ problems: [], value: byDefault.value });
    expect(everything).not.toBe(example);
    expect(resolved(everything)).toMatchObject({ problems: [], value: byDefault.value });
  });

  it('have a schema that takes the example', () => {
    const schema = jsonSchema() as never;
    expect(Value.Errors(schema, parse(everything, { merge: false }))).toEqual([]);
    expect(Value.Check(schema, { proxy: { prot: 1 } })).toBe(false);
    expect(Value.Check(schema, { proxy: { port: 70_000 } })).toBe(false);
  });

  it('have a schema that takes whatever the reader takes', () => {
    const schema = jsonSchema() as never;
    let taken = 0;
    fc.assert(
      fc.property(settingsTree(), (tree) => {
        const { problems } = resolved(JSON.stringify(tree));
        if (problems.length > 0) return true;
        taken += 1;
        return Value.Check(schema, tree);
      }),
      { numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(50);
  });
});

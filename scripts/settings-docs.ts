/**
 * The documents of the settings, made from their schema: `node scripts/settings-docs.ts` writes them to docs/, and a test compares
 * the files with what this gives.
 */
import { writeFileSync } from 'node:fs';
import { exampleFile } from '../src/settings/documents/example-file.ts';
import { jsonSchema } from '../src/settings/documents/json-schema.ts';
import { referencePage } from '../src/settings/documents/reference-page.ts';

/** File names in docs/, and what they hold. */
export function settingsDocuments(): Readonly<Record<string, string>> {
  return {
    'castling.schema.json': `${JSON.stringify(jsonSchema(), undefined, 2)}\n`,
    'castling.example.yaml': exampleFile({ schema: './castling.schema.json' }),
    'settings.md': referencePage(),
  };
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(settingsDocuments())) {
    writeFileSync(new URL(`../docs/${name}`, import.meta.url), text);
  }
}

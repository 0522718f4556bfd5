import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchmarksPage } from './page.ts';
import type { BenchResult } from './result.ts';

/** The page of all results in a folder, with `notes.md` from there at its end. */
export function pageOf(folder: string): string {
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return benchmarksPage(
    files.map((file) => JSON.parse(read(file)) as BenchResult),
    read('notes.md'),
  );
}

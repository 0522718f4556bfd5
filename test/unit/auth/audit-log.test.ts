import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const source = new URL('../../../src/', import.meta.url).pathname;

it('rows of the audit log are added in one place, and changed or deleted in none', () => {
  const touching = new Map<string, string[]>();
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join(source, file), 'utf8');
    for (const [, verb = ''] of text.matchAll(/(\w+)\(\s*'audit_log'/g)) {
      touching.set(verb, [...(touching.get(verb) ?? []), file]);
    }
    expect(text, file).not.toMatch(/(update|delete from|drop table|truncate)\s+"?audit_log/i);
  }
  expect(touching.get('insertInto')).toEqual(['auth/audit-log.ts']);
  expect([...touching.keys()].toSorted()).toEqual(['createTable', 'insertInto', 'on', 'selectFrom']);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkForbiddenCalls } from '../../../scripts/house-rules/forbidden-calls.ts';
import { readSourceFile } from '../../../scripts/house-rules/source-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'castling-calls-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function check(text: string) {
  const file = join(folder, 'a.ts');
  writeFileSync(file, text);
  return checkForbiddenCalls([readSourceFile(folder, file)]);
}

describe('G8 forbidden calls', () => {
  it.each([
    // Text for the rule to find; nothing connects with it.
    'connect({ rejectUnauthorized: false });',
    'connect({ "rejectUnauthorized": 0 });',
    'connect({ rejectUnauthorized: options.verify });',
    'options.rejectUnauthorized = false;',
    "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';",
    "process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';",
    'createServer({ insecureHTTPParser: true });',
    'createServer({ insecureHTTPParser: lenient });',
    "import { brotliDecompress } from 'node:zlib';",
    'zlib.createBrotliDecompress();',
    'zlib.brotliDecompressSync(body);',
    'eval(text);',
    'new Function(text)();',
    'const id = Math.random();',
    'const id = Math["random"]();',
    'if (given.token === kept) admit();',
    'const isRight = digestOf(text) !== row.passwordHmac;',
    'if (secret == secrets.current) admit();',
  ])('%s is refused', (text) => {
    expect(check(text).length).toBeGreaterThan(0);
  });

  it.each([
    'connect({ rejectUnauthorized: true });',
    'createServer({ insecureHTTPParser: false });',
    'evaluate(text); interval(text);',
    'start({ random: Math.random });',
    '// never rejectUnauthorized: false, never eval(text)',
    "const sentence = 'do not call eval(text)';",
    'const names = { constructor: 1, toString: 2 };',
    'if (token === undefined || typeof secret === "string") admit();',
    "if (kind === 'token' || signature.length === 64) admit();",
  ])('%s is not', (text) => {
    expect(check(text)).toEqual([]);
  });
});

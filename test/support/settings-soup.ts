/** Text that is nearly a settings file: what a reader must survive. */
import fc from 'fast-check';

const pieces = [
  ...[
    'proxy',
    'port',
    'limits',
    'rates',
    'session',
    'burst',
    'auth',
    'store',
    'origins',
    'log',
    'level',
    'data',
  ],
  ...[
    ': ',
    ':\n  ',
    '\n',
    '\r\n',
    '\n  ',
    '\n    ',
    '- ',
    '? ',
    ', ',
    ' #',
    '\t',
    '\u0000',
    '\ufeff',
    '\u2028',
    '\ud800',
  ],
  ...[
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '|\n',
    '>\n',
    '&a ',
    '*a',
    '<<: ',
    '!!str ',
    '!x ',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '\\',
  ],
  ...[
    '8443',
    '-1',
    '1e999',
    '.inf',
    '.nan',
    '0x10',
    '0o7',
    'true',
    'null',
    '~',
    '10s',
    '64KiB',
    '__proto__',
    'constructor',
  ],
  ...['https://a.example', 'sqlite:x', '2026-11-22', '99999999999999999999'],
];

/** Mostly pieces of YAML in any order, now and then any text; long runs of one piece, too. */
export function settingsSoup(): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 100, arbitrary: fc.constantFrom(...pieces) },
    { weight: 5, arbitrary: fc.string({ maxLength: 8, unit: 'binary' }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...pieces), fc.nat({ max: 400 }))
        .map(([text, many]) => text.repeat(many)),
    },
  );
  return fc.array(piece, { maxLength: 30 }).map((all) => all.join(''));
}

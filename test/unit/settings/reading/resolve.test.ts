import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { duration } from '../../../../src/settings/keys/duration.ts';
import { listOf, namedSet, section, variants } from '../../../../src/settings/keys/groups.ts';
import { schemaOf } from '../../../../src/settings/keys/key.ts';
import { path } from '../../../../src/settings/keys/path.ts';
import { choice, fraction, port, text, whole, yesOrNo } from '../../../../src/settings/keys/plain.ts';
import { size } from '../../../../src/settings/keys/size.ts';
import { keysOf } from '../../../../src/settings/reading/keys-of.ts';
import { problemText } from '../../../../src/settings/reading/located.ts';
import { readYaml } from '../../../../src/settings/reading/read-yaml.ts';
import { resolve } from '../../../../src/settings/reading/resolve.ts';

/** A schema with one of everything. */
const about = { description: 'Something.', change: 'live' } as const;
const schema = schemaOf(
  Type.Object({
    folder: path({ ...about, default: 'here' }),
    door: section('A door.', {
      port: port({ ...about, default: 8443 }),
      open: yesOrNo({ ...about, default: true }),
      wait: duration({ ...about, default: '10s', least: '1s', most: '1m' }),
      room: size({ ...about, default: '64KiB', least: '1KiB', most: '1MiB' }),
      share: fraction({ ...about, default: 0.5, least: 0, most: 1 }),
      mood: choice(['good', 'bad'], { ...about, default: 'good' }),
      token: text({ ...about, expected: 'a token', secret: 'whole', derived: 'none' }),
    }),
    list: listOf(whole({ least: 1, most: 9 }), { ...about, default: [], most: 3, of: 'numbers' }),
    ways: namedSet(
      variants([
        section('One.', { kind: choice(['one'], {}), port: port({}) }),
        section('Two.', {
          kind: choice(['two'], {}),
          path: path({}),
          wait: Type.Optional(duration({ least: '1s', most: '9s' })),
        }),
      ]),
      { ...about, default: {}, most: 2, of: 'ways' },
    ),
  }),
);

function read(yaml: string) {
  const reading = readYaml(yaml, { file: '/etc/castling/x.yaml' });
  if (!reading.ok) throw new Error(reading.problems.map(problemText).join('\n'));
  return resolve(reading.root, { schema, keys: keysOf(schema), cwd: '/work' });
}

function problemsOf(yaml: string): string[] {
  return read(yaml).problems.map((problem) => problemText(problem).replace('/etc/castling/x.yaml:', ''));
}

describe('settings compared with their schema', () => {
  it('take every default from it', () => {
    const { value, problems, origins } = read('');
    expect(problems).toEqual([]);
    expect(value).toEqual({
      folder: '/work/here',
      door: { port: 8443, open: true, wait: 10_000, room: 65_536, share: 0.5, mood: 'good' },
      list: [],
      ways: {},
    });
    expect(origins.get('door.port')).toEqual({ from: 'default' });
  });

  it('take what the file says, in milliseconds, bytes, and paths from the file’s folder', () => {
    const { value, origins } = read(
      `
folder: there/../elsewhere
door: { port: 1, open: no_no, wait: 2s }
`.replace('no_no', 'false'),
    );
    expect(value).toMatchObject({
      folder: '/etc/castling/elsewhere',
      door: { port: 1, open: false, wait: 2_000 },
    });
    expect(origins.get('door.wait')).toMatchObject({ from: 'file', line: 3 });
  });

  it('take lists, and sets of forms that a word tells apart', () => {
    const { value, problems } = read(`
list: [1, 2]
ways:
  chess: { kind: one, port: 7 }
  go: { kind: two, path: ./p, wait: 3s }
`);
    expect(problems).toEqual([]);
    expect(value).toMatchObject({
      list: [1, 2],
      ways: { chess: { kind: 'one', port: 7 }, go: { kind: 'two', path: '/etc/castling/p', wait: 3_000 } },
    });
  });

  it.each([
    ['door:\n  prot: 1', '2:3: door.prot: there is no such key; did you mean door.port?'],
    ['port: 1', '1:1: port: there is no such key; did you mean door.port?'],
    ['door.port: 1', '1:1: door.port: there is no such key; did you mean door.port?'],
    ['zzzzzz: 1', '1:1: zzzzzz: there is no such key; `castling config explain` lists them all.'],
    [
      'door:\n  port: 70000',
      '2:9: door.port: give a port: a number from 0 to 65535, where 0 takes a free one, not 70000.',
    ],
    [
      'door:\n  port: 8443.5',
      '2:9: door.port: give a port: a number from 0 to 65535, where 0 takes a free one, not 8443.5.',
    ],
    ['door:\n  open: yes', '2:9: door.open: give true or false, not "yes".'],
    [
      'door:\n  wait: 10',
      '2:9: door.wait: give a length of time from 1s to 1m, with its unit (ms, s, m, h or d), not 10.',
    ],
    [
      'door:\n  wait: 2m',
      '2:9: door.wait: give a length of time from 1s to 1m, with its unit (ms, s, m, h or d), not "2m".',
    ],
    [
      'door:\n  room: 64KB',
      '2:9: door.room: give a size from 1KiB to 1MiB, with its unit (B, KiB, MiB or GiB), not "64KB".',
    ],
    ['door:\n  mood: ugly', '2:9: door.mood: give one of good, bad, not "ugly".'],
    ['door:\n  share: [1]', '2:10: door.share: give a number from 0 to 1, not a list.'],
    ['door:\n  token: [s3cret]', '2:10: door.token: give a token.'],
    [
      'door:\n  port:',
      '2:8: door.port: there is no value; give a port: a number from 0 to 65535, where 0 takes a free one, or leave the key out.',
    ],
    ['door: 5', '1:7: door: this holds keys of its own, indented in the lines below it, such as “port: …”.'],
    ['list: [1, 2, 3, 4]', '1:7: list: give a list of at most 3 numbers, not 4.'],
    ['list: [1, x]', '1:11: list[1]: give a whole number from 1 to 9, not "x".'],
    ['ways: {a: {kind: three}}', '1:18: ways.a.kind: give one of one, two.'],
    ['ways: {a: {port: 1}}', '1:11: ways.a.kind: give one of one, two.'],
    ['ways: {a: {kind: one}}', '1:11: ways.a.port: this key is missing; it has no default.'],
    [
      'ways: {a: {kind: one, port: 1, prt: 2}}',
      '1:32: ways.a.prt: there is no such key; did you mean ways.a.port?',
    ],
    [
      'ways: {9a: {kind: one, port: 1}}',
      '1:8: ways.9a: such a name has letters, digits, - and _, begins with a letter, and is at most 64 long.',
    ],
    [
      'ways: {__proto__: {kind: one, port: 1}}',
      '1:8: ways.__proto__: such a name has letters, digits, - and _, begins with a letter, and is at most 64 long.',
    ],
    ['__proto__: 1', '1:1: __proto__: there is no such key; `castling config explain` lists them all.'],
  ])('say of %j where, what, and what to do', (yaml, sentence) => {
    expect(problemsOf(yaml)).toEqual([sentence]);
  });

  it('tell every mistake at once', () => {
    expect(problemsOf('door: { port: x, wait: 1, mood: 2 }\nlist: 3\nnothing: 4')).toHaveLength(5);
  });

  it('take an empty section for one without keys', () => {
    expect(read('door:\nlist: []').problems).toEqual([]);
  });

  it('take a secret from the file that the …File key names, but not from both', () => {
    const { secretFiles, problems, value } = read('door: { tokenFile: secret.txt }');
    expect(problems).toEqual([]);
    expect(secretFiles).toMatchObject([{ path: ['door', 'token'], file: '/etc/castling/secret.txt' }]);
    expect(value).not.toHaveProperty('door.tokenFile');
    expect(problemsOf('door: { tokenFile: secret.txt, token: abc }')).toEqual([
      '1:9: door.tokenFile: token is given, too; leave one of the two.',
    ]);
  });
});

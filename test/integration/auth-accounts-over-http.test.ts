import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { trust } from '../support/player.ts';

const password = 'a long enough sentence';

describe('accounts over HTTPS', () => {
  let castling: RunningCastling;

  beforeAll(async () => {
    castling = await startCastling();
    trust(castling);
  });
  afterAll(async () => {
    await castling[Symbol.asyncDispose]();
  });

  async function post(path: string, body: unknown) {
    const response = await fetch(`${castling.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('D1 keep an argon2id hash of at least the OWASP minimum, and no password', async () => {
    expect((await post('/auth/register', { name: 'hashed', password })).status).toBe(201);
    const database = new DatabaseSync(join(castling.folder, 'data', 'auth.db'), { readOnly: true });
    const rows = JSON.stringify(database.prepare('select * from accounts').all());
    database.close();
    const digest = /\$argon2id\$v=19\$([^$]+)\$/.exec(rows)?.[1] ?? '';
    const cost = Object.fromEntries(digest.split(',').map((each) => each.split('=')));
    expect(Number(cost.m)).toBeGreaterThanOrEqual(19_456);
    expect(Number(cost.t)).toBeGreaterThanOrEqual(2);
    expect(Number(cost.p)).toBe(1);
    expect(rows).not.toContain(password);
  });

  it('D7 are one for all forms of a name, however many register at once', async () => {
    const forms = ['zo\u00eb', 'zoe\u0308', 'ZO\u00cb', '\uff5a\uff4f\u00eb', 'Zoe\u0308'];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        post('/auth/register', { name: forms[at % forms.length], password }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    for (const { status, body } of answers) {
      if (status === 201) expect(body.name).toBe('zo\u00eb');
      else expect({ status, code: body.code }).toEqual({ status: 409, code: 'name_taken' });
    }
  });

  it.each([
    ['Cyrillic а in a Latin name', '\u0430dmin'],
    ['a zero-width joiner', 'ad\u200dmin'],
    ['a right-to-left override', 'ad\u202emin'],
    ['a no-break space', 'ad\u00a0min'],
    ['a trailing dot', 'admin.'],
    ['a trailing space', 'admin '],
    ['a NUL', 'ad\u0000min'],
    ['a lone surrogate', 'ad\ud800min'],
    ['65 characters', 'a'.repeat(65)],
    ['nothing', ''],
  ])('D7 refuse a name with %s', async (_what, name) => {
    const { status, body } = await post('/auth/register', { name, password });
    expect(status).toBe(400);
    expect(body.detail).toEqual(expect.any(String));
  });

  it('D8 take a Unicode password in both its forms, and refuse ill-formed text', async () => {
    expect((await post('/auth/register', { name: 'coffee', password: 'caf\u00e9 cr\u00e8me' })).status).toBe(
      201,
    );
    expect((await post('/auth/login', { name: 'coffee', password: 'cafe\u0301 cre\u0300me' })).status).toBe(
      200,
    );
    for (const illFormed of ['\ud800xxxxxxxx', '\udfffxxxxxxxx']) {
      expect((await post('/auth/register', { name: 'broken', password: illFormed })).status).toBe(400);
    }
  });

  it.each([
    ['a taken name', { name: 'hashed', password }, 409, 'name_taken'],
    ['a short password', { name: 'shorty', password: '1234567' }, 400, 'password_refused'],
    ['a common password', { name: 'common', password: 'password1' }, 400, 'password_refused'],
    ['no password', { name: 'nobody' }, 400, 'body_invalid'],
    ['unknown members', { name: 'nobody', password, admin: true }, 400, 'body_invalid'],
  ])('refuse %s with a code of its own', async (_what, body, status, code) => {
    const answer = await post('/auth/register', body);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  });
});

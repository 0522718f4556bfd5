import { describe, expect, it } from 'vitest';
import { authErrors } from '../../../../src/auth/auth-error.ts';
import { ClientError } from '../../../../src/client/client-error.ts';
import { chooseWords } from '../../../../src/client/web/words/choose-words.ts';
import { de } from '../../../../src/client/web/words/de.ts';
import { en } from '../../../../src/client/web/words/en.ts';
import { explain } from '../../../../src/client/web/words/explain.ts';
import { closings } from '../../../../src/protocol/closings.ts';
import { refusals } from '../../../../src/protocol/refusals.ts';

/** Every text of a catalogue by its path; sentences with gaps are filled with recognisable words. */
function textsOf(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    const filled = Array.from({ length: value.length }, (_, index) => `‹${index}›`);
    return [[path, String(value(...filled))]];
  }
  return Object.entries(value as object).flatMap(([key, each]) => textsOf(each, `${path}.${key}`));
}

/** Words that are the same in both languages; what has gaps and no letters is, too. */
const alike = new Set(['.product', '.lobby.title', '.signIn.name', '.invitation.code']);

describe('the words of the page', () => {
  it('are the same list in both languages, none empty, with the same gaps', () => {
    const german = new Map(textsOf(de));
    const english = textsOf(en);
    expect([...german.keys()].sort()).toEqual(english.map(([path]) => path).sort());
    const gapsOf = (text: string) => (text.match(/‹\d›/g) ?? []).sort();
    for (const [path, text] of english) {
      expect([path, gapsOf(german.get(path) ?? '')]).toEqual([path, gapsOf(text)]);
      expect(text.trim(), path).not.toBe('');
      if (/\p{L}/u.test(text) && !alike.has(path)) expect(german.get(path), path).not.toBe(text);
    }
  });

  it('have a sentence for every refusal of the protocol and no other', () => {
    expect(Object.keys(en.refusals).sort()).toEqual(Object.keys(refusals).sort());
  });

  it('have a sentence for every way in which accounts refuse a page', () => {
    // What is about access tokens over HTTP reaches no page: it renews its token first. Nor does it have a key to prove.
    const codes = Object.keys(authErrors).filter((code) => !/^token_|dpop/.test(code));
    for (const code of codes) {
      const error = new ClientError('refused', 'From the server.', {
        httpStatus: 400,
        refusal: { code, reason: 'From the server.' },
      });
      expect([code, explain(error, en)]).not.toEqual([code, 'From the server.']);
    }
  });

  it('name only endings that exist', () => {
    for (const name of Object.keys(en.endings)) expect(closings).toHaveProperty(name);
  });

  it.each([
    [['de-AT', 'en'], 'de'],
    [['DE'], 'de'],
    [['fr-FR', 'de', 'en'], 'de'],
    [['en-US', 'de'], 'en'],
    [['fr'], 'en'],
    [[], 'en'],
  ])('chosen for %j: %s', (wanted, language) => {
    expect(chooseWords(wanted).language).toBe(language);
  });
});

describe('an explanation', () => {
  const refused = (refusal: object, httpStatus?: number) =>
    explain(
      new ClientError('refused', 'From the server.', {
        refusal: { code: 'unheard_of', reason: 'From the server.', ...refusal },
        ...(httpStatus !== undefined && { httpStatus }),
      }),
      en,
    );

  it('goes by the rule before the code', () => {
    expect(refused({ code: 'password_refused', rule: 'password.common' }, 400)).toBe(
      en.problems['password.common'],
    );
    expect(refused({ code: 'password_refused', rule: 'password.newer' }, 400)).toBe(
      en.problems.password_refused,
    );
  });
  it('tells how long to wait', () => {
    expect(refused({ code: 'busy', retryAfterMs: 1_500 }, 503)).toBe(
      `${en.problems.busy} Try again in 2 seconds.`,
    );
  });
  it.each([
    [1, 'in 1 second'],
    [119, 'in 119 seconds'],
    [121, 'in 3 minutes'],
    [3_600, 'in 60 minutes'],
    [7_201, 'in 3 hours'],
    [200_000, 'in 3 days'],
  ])('tells a wait of %d seconds as people do, and never too short: %s', (seconds, when) => {
    const refusal = { code: 'too_many_guests', retryAfterMs: seconds * 1000 };
    expect(refused(refusal, 429)).toBe(`${en.problems.too_many_guests} Try again ${when}.`);
  });
  it('promises no further try where the person has to make it', () => {
    expect(en.errors.unreachable).toMatch(/try again\.$/);
    expect(de.errors.unreachable).toMatch(/versuch es noch einmal\.$/);
  });
  it('names the request when the server failed', () => {
    expect(refused({ code: 'internal_error', requestId: 'r_7' })).toContain('r_7');
  });
  it('falls back to the server’s own sentence for what is newer than the page', () => {
    expect(refused({})).toBe('From the server.');
    expect(refused({ code: 'constructor' })).toBe('From the server.');
  });
  it('has words for what never reached a server, and for what nobody foresaw', () => {
    expect(explain(new ClientError('unreachable'), en)).toBe(en.errors.unreachable);
    expect(explain(new TypeError('x is undefined'), en)).toBe(en.errors.unknown);
  });
});

import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { answerHeaders, strictTransport } from '../../../../src/proxy/http/answer-headers.ts';

/** A connection whose client asked for this name. */
function connection(servername?: string | false): Duplex {
  return Object.assign(new Duplex(), servername === undefined ? {} : { servername });
}

const certificates = {
  isForDevelopment: (name: string | undefined) => name === undefined || name === 'localhost',
};

describe('A10 answerHeaders', () => {
  it('keep browsers on HTTPS for two years under a certificate of the operator’s, and never under a development certificate', () => {
    const headers = answerHeaders(certificates, () => strictTransport);
    expect(headers(connection('play.example.org'))).toMatchObject({
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
      'x-content-type-options': 'nosniff',
    });
    for (const name of ['localhost', false, undefined] as const) {
      expect(headers(connection(name))).toMatchObject({ 'x-content-type-options': 'nosniff' });
      expect(headers(connection(name))).not.toHaveProperty('strict-transport-security');
    }
  });

  it('are as the operator sets them', () => {
    const strict = (maxAge: number, includeSubDomains: boolean) =>
      answerHeaders(certificates, () => ({ maxAge, includeSubDomains }))(connection('a.test'))[
        'strict-transport-security'
      ];
    expect(strict(300, false)).toBe('max-age=300');
    expect(strict(0, true)).toBe('max-age=0; includeSubDomains');
  });
});

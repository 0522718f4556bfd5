import { describe, expect, it } from 'vitest';
import { AuthError, type AuthErrorCode, authErrors } from '../../../src/auth/auth-error.ts';
import { refusals } from '../../../src/protocol/refusals.ts';

const codes = Object.keys(authErrors) as AuthErrorCode[];

describe('the catalogue of auth errors', () => {
  it.each(codes)('%s has a status, a sentence, and a refusal that exists', (code) => {
    const { httpStatus, title, retryable, rpc } = authErrors[code];
    expect(httpStatus).toBeGreaterThanOrEqual(400);
    expect(title).toMatch(/^[A-Z].*\.$/);
    expect(retryable).toBe(httpStatus >= 500 || httpStatus === 429);
    if (rpc !== undefined) expect(refusals).toHaveProperty(rpc);
  });

  it('maps every fault of an access token to 401 and to one of the three refusals for tokens', () => {
    const aboutTokens = codes.filter((code) => code.startsWith('token_'));
    expect(aboutTokens.length).toBeGreaterThan(6);
    for (const code of aboutTokens) {
      expect(authErrors[code].httpStatus).toBe(401);
      expect(['not_signed_in', 'token_invalid', 'token_expired']).toContain(new AuthError(code).rpcCode);
    }
  });

  it('carries the more exact sentence, the rule and the cause', () => {
    const cause = new Error('inner');
    const error = new AuthError('busy', { detail: 'Later.', rule: 'a.b', retryAfterSeconds: 2, cause });
    expect(error).toMatchObject({
      message: 'Later.',
      rule: 'a.b',
      retryAfterSeconds: 2,
      cause,
      httpStatus: 503,
    });
    expect(new AuthError('busy').message).toBe(authErrors.busy.title);
  });
});

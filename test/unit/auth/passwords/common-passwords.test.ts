import { describe, expect, it } from 'vitest';
import { commonPasswords } from '../../../../src/auth/passwords/common-passwords.ts';
import { startAuth } from '../../../support/auth-fixture.ts';
import { commonPasswordSamples } from '../../../support/common-password-samples.ts';

describe('D6 common passwords', () => {
  it('are known: 200 samples from the most frequent', () => {
    const samples = commonPasswordSamples(200);
    expect(samples).toHaveLength(200);
    expect(samples.filter((password) => !commonPasswords.has(password.toLowerCase()))).toEqual([]);
  });

  it.each(['correct horse battery', 'zu9-tIgre-Vase', ''])('%j is none', (password) => {
    expect(commonPasswords.has(password)).toBe(false);
  });

  it('are refused with the reason, in any case, at registration and at a change', async () => {
    const running = await startAuth();
    for (const password of ['password1', 'PassWord1', 'iloveyou2', '\uff31wertyuiop']) {
      const answer = await running.post('/auth/register', { name: 'anna', password });
      expect([answer.statusCode, answer.json().rule]).toEqual([400, 'password.common']);
    }
    const { access_token } = (
      await running.post('/auth/register', { name: 'anna', password: 'correct horse' })
    ).json();
    const body = { current_password: 'correct horse', new_password: 'football1' };
    expect((await running.post('/auth/password', body, access_token)).json().rule).toBe('password.common');
    await running.close();
  });
});

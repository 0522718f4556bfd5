import { describe, expect, it } from 'vitest';
import { AccountHttp, type Fetch } from '../../../src/client/account-http.ts';
import { AuthClient } from '../../../src/client/auth-client.ts';

const granted = {
  player: 'p_1',
  name: 'ada',
  session: 's_1',
  access_token: 'a',
  expires_in: 600,
  refresh_token: 'crt_x',
  refresh_expires_in: 9,
};

function answering(response: Response | Error): {
  client: AuthClient;
  calls: { url: string; init: RequestInit }[];
} {
  const calls: { url: string; init: RequestInit }[] = [];
  const fetch: Fetch = async (url, init) => {
    calls.push({ url, init });
    if (response instanceof Error) throw response;
    return response;
  };
  return { client: new AuthClient(new AccountHttp({ origin: 'https://test', fetch })), calls };
}

describe('the auth client', () => {
  it('reads a grant and follows no redirect', async () => {
    const { client, calls } = answering(Response.json(granted, { status: 201 }));
    const grant = await client.register({ name: 'ada', password: 'secret' });
    expect(grant).toMatchObject({ name: 'ada', accessToken: 'a', refreshToken: 'crt_x', expiresIn: 600 });
    expect(calls[0]?.url).toBe('https://test/auth/register');
    expect(calls[0]?.init).toMatchObject({ method: 'POST', redirect: 'error', credentials: 'omit' });
  });

  it('turns a problem document into a refusal with its code, reason and wait', async () => {
    const problem = { code: 'busy', title: 'Busy', detail: 'Try again.', requestId: 'r_9' };
    const { client } = answering(Response.json(problem, { status: 503, headers: { 'retry-after': '2' } }));
    await expect(client.login({ name: 'ada', password: 'x' })).rejects.toMatchObject({
      code: 'refused',
      message: 'Try again.',
      httpStatus: 503,
      refusal: { code: 'busy', requestId: 'r_9', retryAfterMs: 2_000 },
    });
  });

  it.each([
    ['a web page', new Response('<html>', { status: 200 })],
    ['half a grant', Response.json({ ...granted, refresh_token: 7 })],
    ['an error of somebody else', new Response('Bad gateway', { status: 502 })],
    ['an endless answer', new Response('x'.repeat(70_000), { status: 200 })],
  ])('knows %s as not Castling', async (_, response) => {
    await expect(answering(response).client.refresh('crt_x')).rejects.toMatchObject({ code: 'protocol' });
  });

  it('says that nobody answered, and puts no secret into the error', async () => {
    const { client } = answering(
      new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }),
    );
    const error: unknown = await client.refresh('crt_secret').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'unreachable', cause: { message: 'fetch failed' } });
    expect(JSON.stringify(error) + String(error)).not.toContain('crt_secret');
  });
});

import { describe, expect, it } from 'vitest';
import type { HttpRoute } from '../../../../../src/proxy/routes/http/http-route.ts';
import { requestFields } from '../../../../../src/proxy/routes/http/request-fields.ts';

const route: Pick<HttpRoute, 'place' | 'requestFields' | 'publicHost' | 'hostField'> = {
  place: { kind: 'path', path: '/app/' },
  requestFields: new Set(['x-mine']),
};

function fieldsFor(lines: Readonly<Record<string, string>>, changes: Partial<HttpRoute> = {}) {
  const rawHeaders = Object.entries(lines).flat();
  const headers = Object.fromEntries(
    Object.entries(lines).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return requestFields(
    { rawHeaders, headers },
    {
      route: { ...route, ...changes } as HttpRoute,
      assertion: 'signed',
    },
  );
}

const own = {
  via: '1.1 castling',
  forwarded: 'for=unknown;proto=https',
  'x-forwarded-proto': 'https',
  'x-forwarded-prefix': '/app',
  'castling-assertion': 'signed',
};

describe('B4 the fields for an upstream', () => {
  it('are those on the list and the proxy’s own, and no others', () => {
    const fields = fieldsFor({
      Host: 'evil.example',
      Accept: 'text/html',
      Authorization: 'Bearer x',
      'User-Agent': 'canary',
      'X-Forwarded-For': '10.0.0.1',
      'X-Forwarded-Proto': 'http',
      'X-Forwarded-Host': 'evil.example',
      Forwarded: 'for=10.0.0.1',
      'X-Real-IP': '10.0.0.1',
      'X-Castling-Player': 'grace',
      x_castling_player: 'grace',
      'Castling-Assertion': 'forged',
      castling_assertion: 'forged',
      'X-Anything': 'else',
      'X-Mine': 'listed',
      Via: '1.0 somebody',
      'Keep-Alive': 'timeout=5',
      TE: 'trailers',
      Expect: '100-continue',
    });
    expect(fields).toEqual({ ...own, accept: 'text/html', 'x-mine': 'listed' });
  });

  it('lose what Connection names, but for what the proxy says itself', () => {
    const fields = fieldsFor({
      Connection: 'close, Accept, Forwarded, Castling-Assertion, Via',
      Accept: 'text/html',
      'X-Mine': 'stays',
    });
    expect(fields).toEqual({ ...own, 'x-mine': 'stays' });
  });

  it('have the upstream’s cookies and none of Castling’s', () => {
    const cookie =
      '__Host-castling=r; theme=dark; __HOST-CASTLING-pass-app=p; __Secure-castling-x=1; sid=a=b';
    expect(fieldsFor({ Cookie: cookie }).cookie).toBe('theme=dark; sid=a=b');
    expect(fieldsFor({ Cookie: '__Host-castling=r' }).cookie).toBeUndefined();
  });

  it('say hosts of the settings, never of the request', () => {
    const fields = fieldsFor(
      { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' },
      { publicHost: 'games.example', hostField: 'inside' },
    );
    expect(fields).toMatchObject({
      host: 'inside',
      forwarded: 'for=unknown;host="games.example";proto=https',
      'x-forwarded-host': 'games.example',
    });
  });
});

import { describe, expect, it } from 'vitest';
import type { HttpRoute } from '../../../../../../src/proxy/routes/http/http-route.ts';
import {
  enterUrl,
  entryUrl,
  safeDestination,
} from '../../../../../../src/proxy/routes/http/sign-in/enter-url.ts';

const byPath = { name: 'app', place: { kind: 'path', path: '/app/' } } as HttpRoute;
const byHost = {
  name: 'app',
  place: { kind: 'host', host: 'app.example', entrance: 'https://castling.example:8443' },
} as HttpRoute;

describe('the way in at a route', () => {
  it('begins at Castling’s own page', () => {
    expect(enterUrl(byPath, '/app/x?y=1')).toBe('/routes/app/enter?to=%2Fapp%2Fx%3Fy%3D1');
    expect(enterUrl(byHost, '/x')).toBe('https://castling.example:8443/routes/app/enter?to=%2Fx');
  });

  it('ends at the route, on the port that the page was asked for by', () => {
    expect(entryUrl(byPath, 'castling.example:8443')).toBe('/app/.castling/enter');
    expect(entryUrl(byHost, 'castling.example:8443')).toBe('https://app.example:8443/.castling/enter');
    expect(entryUrl(byHost, 'castling.example')).toBe('https://app.example/.castling/enter');
  });

  it.each(['/app/', '/app/x?y=1'])('leads on to %s', (to) => {
    expect(safeDestination(byPath, to)).toBe(to);
  });

  it.each([
    ...[
      undefined,
      null,
      '',
      'https://evil.example/app/',
      '//evil.example/app/',
      '/\\evil.example/app/',
      '/\t/evil/app/',
    ],
    ...['/', '/auth/logout', '/app/../auth', '/app/%2e%2e/auth', '/apple'],
  ])('does not lead to %s', (to) => {
    expect(safeDestination(byPath, to)).toBe('/app/');
  });
});

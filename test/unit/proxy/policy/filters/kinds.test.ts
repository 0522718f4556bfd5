import { describe, expect, it } from 'vitest';
import { ownRoute, requestKind } from '../../../../../src/proxy/policy/filters/kinds.ts';
import { ownRoutes } from '../../../../../src/settings/sections/filters.ts';

describe('what filters call a request', () => {
  it.each([
    ['POST', '/auth/login', 'POST /auth/login', 'accounts'],
    ['GET', '/.well-known/jwks.json', 'GET /.well-known/jwks.json', 'accounts'],
    ['HEAD', '/api/games', 'GET /api/games', 'api'],
    ['GET', '/', 'GET /', 'page'],
    ['GET', undefined, 'GET /*', 'page'],
  ])('%s %s is %s, on the route %s', (method, pattern, kind, route) => {
    expect(requestKind(method, pattern)).toBe(kind);
    expect(ownRoute(pattern)).toBe(route);
    expect(ownRoutes).toContain(route);
  });
});

import { describe, expect, it } from 'vitest';
import { httpRouteFault } from '../../../src/settings/http-route-fault.ts';
import type { Settings } from '../../../src/settings/schema.ts';

type Route = Settings['routes'][number];

function route(changes: object): Route {
  return {
    kind: 'http',
    name: 'app',
    path: '/app/',
    signIn: 'required',
    requestFields: [],
    tls: false,
    cache: { size: 100, bodySize: 10 },
    ...changes,
  } as unknown as Route;
}

describe('an http route in the settings', () => {
  it.each([
    ['at a path', {}],
    ['at a host, with an entrance', { path: undefined, host: 'app.example', entrance: 'https://example' }],
    ['at a host, for everybody', { path: undefined, host: 'app.example', signIn: 'public' }],
    ['with a field of its own', { requestFields: ['x-my-app'] }],
  ])('may stand %s', (_what, changes) => {
    expect(httpRouteFault([route(changes)])).toBeUndefined();
  });

  it.each([
    ['needs either a host or a path', { path: undefined }],
    ['needs either a host or a path', { host: 'app.example' }],
    ['is Castling’s own', { path: '/auth/' }],
    ['is Castling’s own', { path: '/api/games/' }],
    ['give its entrance', { path: undefined, host: 'app.example' }],
    ['cannot pass authorization on', { requestFields: ['authorization'] }],
    ['say tls: true', { ca: '/ca.pem' }],
    ['larger than its whole cache', { cache: { size: 10, bodySize: 100 } }],
  ])('is refused when it %s', (what, changes) => {
    expect(httpRouteFault([route(changes)])).toContain(what);
  });

  it('has a place that no other has', () => {
    expect(httpRouteFault([route({}), route({ name: 'other' })])).toContain('both at /app/');
    expect(httpRouteFault([route({}), route({ name: 'other', path: '/app/other/' })])).toBeUndefined();
  });
});

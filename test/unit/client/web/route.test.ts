import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressOf,
  formatRoute,
  parseRoute,
  type Route,
  readCode,
} from '../../../../src/client/web/routing/route.ts';

const match = 'm_AbCdEfGhIjKlMn-_';
const code = 'K7WM2PQR';

describe('addresses in the page', () => {
  it.each<[string, Route]>([
    ['', { at: 'lobby' }],
    ['#/', { at: 'lobby' }],
    [`#/join/${code}`, { at: 'join', code }],
    ['#/join/k7wm2pqr', { at: 'join', code }],
    [`#/match/${match}`, { at: 'match', which: { match } }],
    [`#/match/${code}/3`, { at: 'match', which: { code }, move: 3 }],
    [`#/match/${match}/-1`, { at: 'match', which: { match } }],
    ['#/account', { at: 'account' }],
    ['#/device', { at: 'terminal' }],
    ['#/device/WDJB-MJHT', { at: 'terminal', code: 'WDJB-MJHT' }],
    ['#/device/wdjbmjht', { at: 'terminal', code: 'WDJB-MJHT' }],
    ['#/device/AEIO-UAEI', { at: 'terminal' }],
    ['#/match/m_short', { at: 'lobby' }],
    ['#/join/0OIL', { at: 'lobby' }],
    ['#/elsewhere/x', { at: 'lobby' }],
  ])('%s', (fragment, route) => {
    expect(parseRoute(fragment)).toEqual(route);
  });

  it('read back what they write, and never throw', () => {
    const routes: Route[] = [
      { at: 'lobby' },
      { at: 'account' },
      { at: 'terminal' },
      { at: 'terminal', code: 'WDJB-MJHT' },
      { at: 'join', code },
      { at: 'match', which: { match } },
      { at: 'match', which: { code }, move: 0 },
    ];
    for (const route of routes) expect(parseRoute(formatRoute(route))).toEqual(route);
    fc.assert(
      fc.property(fc.string(), (text) =>
        ['lobby', 'account', 'terminal', 'join', 'match'].includes(parseRoute(text).at),
      ),
    );
  });

  it('keep an invite code out of what is sent to the server', () => {
    const address = new URL(addressOf({ at: 'join', code }, 'https://games.example:8443/?x=1#/match/x'));
    expect(address.hash).toBe(`#/join/${code}`);
    expect(address.pathname + address.host).not.toContain(code);
  });

  it('take a code as people type it', () => {
    expect(readCode(' k7wm 2pqr ')).toBe(code);
    expect(readCode('K7WM-2PQR')).toBe(code);
    expect(readCode('K7WM2PQ')).toBeUndefined();
    expect(readCode('K7WM2PQ0')).toBeUndefined();
  });
});

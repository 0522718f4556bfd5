import { describe, expect, it } from 'vitest';
import { readMessage } from '../../../src/proxy/inbound.ts';
import { type Admitted, Policy } from '../../../src/proxy/policy/policy.ts';
import { route } from '../../../src/proxy/routing.ts';
import { asking } from '../../support/policy-asking.ts';

const commandId = 'c_12345678';
const match = 'm_0123456789abcdef';

function admitted(method: string, params: object): Admitted {
  const reading = readMessage(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  if (reading.kind !== 'request') throw new Error(JSON.stringify(reading));
  const policy = new Policy();
  const verdict = policy.judge(reading, asking(policy, { isFollowing: () => true }), 60);
  if (verdict.kind !== 'admitted') throw new Error(JSON.stringify(verdict));
  return verdict.request;
}

describe('route', () => {
  it.each([
    [
      'match.create',
      { game: 'tic-tac-toe', commandId },
      { visibility: 'private', game: 'tic-tac-toe', commandId },
    ],
    [
      'match.create',
      { game: 'tic-tac-toe', visibility: 'public', commandId },
      { visibility: 'public', game: 'tic-tac-toe', commandId },
    ],
    ['match.list', { filter: 'open' }, { limit: 50, filter: 'open' }],
    ['match.list', { filter: 'open', limit: 100 }, { limit: 100, filter: 'open' }],
    ['match.join', { match, after: 7, commandId }, { match, commandId }],
    ['match.watch', { match, after: 7 }, { match }],
    ['match.move', { match, seq: 3, commandId, move: 4 }, { match, seq: 3, commandId, move: 4 }],
  ])('%s %j goes over the link as %j', (method, params, body) => {
    const routed = route(admitted(method, params));
    expect(routed).toMatchObject({ method });
    expect(JSON.parse(routed?.body ?? '')).toEqual(body);
  });

  it.each([
    ['session.refresh', { token: 't' }],
    ['session.open', { token: 't' }],
    ['match.unwatch', { match }],
  ])('%s stays here: no token crosses the link', (method, params) => {
    expect(route(admitted(method, params))).toBeUndefined();
  });

  it.each([
    ['match.move', { match, seq: 3, commandId, move: 4 }, match],
    ['match.watch', { match, after: 7 }, match],
    ['match.watch', { code: 'ABCD2345' }, 'anyone'],
    ['match.create', { game: 'tic-tac-toe', commandId }, 'anyone'],
    ['match.list', { filter: 'mine' }, 'anyone'],
    ['lobby.find', { game: 'tic-tac-toe', commandId }, 'lobby tic-tac-toe'],
    ['lobby.cancel', { game: 'tic-tac-toe' }, 'lobby tic-tac-toe'],
    ['lobby.watch', {}, 'everyone'],
  ])('%s %j concerns %s', (method, params, about) => {
    expect(route(admitted(method, params))).toMatchObject({ about });
  });
});

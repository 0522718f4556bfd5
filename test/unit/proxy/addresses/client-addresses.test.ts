import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  type AddressTrust,
  ClientAddresses,
  peerAddress,
} from '../../../../src/proxy/addresses/client-addresses.ts';

/** What a request of this connection's client counts as. */
function clientOf(trust: AddressTrust, connection: string, headers: Record<string, string> = {}) {
  const addresses = new ClientAddresses(trust);
  const socket = new Duplex();
  addresses.learn(socket, connection);
  return addresses.ofRequest({ socket, headers } as unknown as IncomingMessage);
}

const behindOne: AddressTrust = { trustedProxies: ['10.0.0.0/8'], forwardedField: 'x-forwarded-for' };

describe('B4 ClientAddresses', () => {
  it.each<[string, AddressTrust, string, Record<string, string>, string | undefined]>([
    [
      'nobody is trusted',
      {},
      '10.0.0.1',
      { 'x-forwarded-for': '1.1.1.1', forwarded: 'for=1.1.1.1' },
      '10.0.0.1',
    ],
    ['a stranger is not believed', behindOne, '192.0.2.1', { 'x-forwarded-for': '1.1.1.1' }, '192.0.2.1'],
    ['a trusted proxy is', behindOne, '10.0.0.1', { 'x-forwarded-for': '1.1.1.1' }, '1.1.1.1'],
    ['one that says nothing speaks for itself', behindOne, '10.0.0.1', {}, '10.0.0.1'],
    [
      'what a stranger wrote before is not read',
      behindOne,
      '10.0.0.1',
      { 'x-forwarded-for': '8.8.8.8, 1.1.1.1' },
      '1.1.1.1',
    ],
    [
      'trusted hops are passed',
      behindOne,
      '10.0.0.1',
      { 'x-forwarded-for': '8.8.8.8, 1.1.1.1, 10.0.0.9' },
      '1.1.1.1',
    ],
    [
      'all hops trusted: the first',
      behindOne,
      '10.0.0.1',
      { 'x-forwarded-for': '10.1.1.1, 10.0.0.9' },
      '10.1.1.1',
    ],
    [
      'a hop without address ends it',
      behindOne,
      '10.0.0.1',
      { 'x-forwarded-for': '1.1.1.1, unknown' },
      '10.0.0.1',
    ],
    ['the other field is not read', behindOne, '10.0.0.1', { forwarded: 'for=1.1.1.1' }, '10.0.0.1'],
    [
      'nor that one when the other is named',
      { ...behindOne, forwardedField: 'forwarded' },
      '10.0.0.1',
      { forwarded: 'for=2.2.2.2', 'x-forwarded-for': '1.1.1.1' },
      '2.2.2.2',
    ],
    [
      'trusted, no field named',
      { trustedProxies: ['10.0.0.0/8'] },
      '10.0.0.1',
      { 'x-forwarded-for': '1.1.1.1' },
      '10.0.0.1',
    ],
    [
      'broken syntax of a trusted proxy',
      { ...behindOne, forwardedField: 'forwarded' },
      '10.0.0.1',
      { forwarded: 'for="' },
      undefined,
    ],
    [
      'broken syntax of a stranger',
      { ...behindOne, forwardedField: 'forwarded' },
      '1.1.1.1',
      { forwarded: 'for="' },
      '1.1.1.1',
    ],
  ])('%s', (_claim, trust, connection, headers, client) => {
    expect(clientOf(trust, connection, headers)).toBe(client);
  });

  it('trusts nobody whose address it does not know', () => {
    const addresses = new ClientAddresses({ trustedProxies: ['0.0.0.0/0', '::/0'] });
    expect(addresses.ofConnection(new Duplex())).toBe('unknown');
    expect(addresses.trusts('unknown')).toBe(false);
  });

  it('knows a peer by its canonical address', () => {
    expect(peerAddress({ remoteAddress: '::ffff:192.0.2.1' })).toBe('192.0.2.1');
    expect(peerAddress({ remoteAddress: undefined })).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { requiredNames } from '../../../../src/process/certificates/certificate-roles.ts';
import { proxyNames } from '../../../../src/process/certificates/proxy-names.ts';
import { linkNames } from '../../../../src/protocol/link-messages.ts';

describe('proxyNames', () => {
  it('are the machine’s own and the given ones, in the form in which they are compared', () => {
    expect(proxyNames(['Game.LAN', '10.0.0.1', '0:0:0:0:0:0:0:2'], 'Box')).toEqual([
      'box',
      'game.lan',
      '10.0.0.1',
      '::2',
    ]);
  });

  it('leave out a machine’s name that no certificate can carry', () => {
    expect(proxyNames([], 'my_box with spaces')).toEqual([]);
    expect(proxyNames([], '')).toEqual([]);
  });

  it.each(['', 'a b', '-a', 'a..b', '*.lan', 'a'.repeat(64), 'https://a'])('refuse “%s”', (name) => {
    expect(() => proxyNames([name], 'box')).toThrow(/--name/);
  });
});

describe('requiredNames', () => {
  it('always include this machine’s loopback, once', () => {
    expect(requiredNames('proxy', ['localhost', '::1', 'game.lan']).map(({ value }) => value)).toEqual([
      'localhost',
      '127.0.0.1',
      '::1',
      'game.lan',
    ]);
  });

  it('tell the link’s two ends apart, by the names that the link’s contract has', () => {
    expect(requiredNames('link-server', ['game.lan'])).toEqual([{ kind: 'dns', value: linkNames.backend }]);
    expect(requiredNames('link-client', ['game.lan'])).toEqual([{ kind: 'dns', value: linkNames.proxy }]);
  });
});

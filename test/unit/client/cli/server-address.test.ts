import { describe, expect, it } from 'vitest';
import { parseServerAddress } from '../../../../src/client/cli/server-address.ts';

describe('a server address', () => {
  it.each([
    [
      'https://localhost:8443',
      { host: 'localhost', port: 8443, playUrl: 'wss://localhost:8443/play', isLoopback: true },
    ],
    [
      'https://Game.Club.LAN/',
      { host: 'game.club.lan', port: 443, playUrl: 'wss://game.club.lan/play', isLoopback: false },
    ],
    ['https://[::1]:9443', { host: '::1', port: 9443, playUrl: 'wss://[::1]:9443/play', isLoopback: true }],
    ['https://127.0.0.5', { host: '127.0.0.5', port: 443, isLoopback: true }],
    ['https://127.example.com', { isLoopback: false }],
    ['https://localhost.example.com', { isLoopback: false }],
  ])('%s', (text, expected) => {
    expect(parseServerAddress(text)).toMatchObject(expected);
  });

  it.each([
    'http://localhost:8443',
    'localhost:8443',
    'https://ada:secret@localhost:8443',
    'https://localhost:8443/play',
    'https://localhost:8443/?token=x',
    'https://localhost:8443/#x',
    'wss://localhost:8443',
    'https://',
    '',
  ])('is not %s', (text) => {
    expect(() => parseServerAddress(text)).toThrow(/looks like https:\/\/localhost:8443/);
  });
});

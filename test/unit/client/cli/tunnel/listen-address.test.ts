import { describe, expect, it } from 'vitest';
import { readListenAddress, writeAddress } from '../../../../../src/client/cli/tunnel/listen-address.ts';

const read = (text: string, shared = false) => writeAddress(readListenAddress(text, { shared }));

describe('--listen', () => {
  it.each([
    ['5000', '127.0.0.1:5000'],
    ['0', '127.0.0.1:0'],
    ['127.0.0.1:5000', '127.0.0.1:5000'],
    ['127.8.8.8:5000', '127.8.8.8:5000'],
    ['localhost:65535', 'localhost:65535'],
    ['[::1]:5000', '[::1]:5000'],
  ])('takes %s', (text, address) => {
    expect(read(text)).toBe(address);
  });

  it.each([
    '',
    ':',
    ':5000',
    '127.0.0.1',
    '127.0.0.1:',
    'localhost:65536',
    '::1:5000',
    '127.0.0.1:x',
    ' 5000',
    '5000\n',
    '-1',
  ])('refuses %j, and says how it is written', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'listen_invalid' }));
  });

  it.each([
    '0.0.0.0:5000',
    '[::]:5000',
    '192.168.1.7:5000',
    'myhost:5000',
    '127.0.0.1.example:5000',
    '[::ffff:0.0.0.0]:5000',
  ])('takes %s only from whoever asks for it by name: everybody there would act as the player', (text) => {
    expect(() => read(text)).toThrow(/listen_(open|invalid)|act as you|Write --listen/);
  });

  it('takes an open address from whoever asks for it', () => {
    expect(read('0.0.0.0:5000', true)).toBe('0.0.0.0:5000');
  });
});

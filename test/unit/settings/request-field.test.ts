import { describe, expect, it } from 'vitest';
import { mayBePassed } from '../../../src/settings/request-field.ts';

describe('B4 a field of requests', () => {
  it.each([
    ...[
      'authorization',
      'connection',
      'host',
      'forwarded',
      'x-forwarded-for',
      'x-real-ip',
      'x-castling-player',
    ],
    ...[
      'castling-assertion',
      'x_castling',
      'remote-user',
      'x-auth-user',
      'sec-websocket-key',
      'x-ssl-cert',
      'TE',
      'te',
    ],
  ])('an operator cannot add %s', (name) => {
    expect(mayBePassed(name)).toBe(false);
  });

  it.each(['user-agent', 'x-my-app', 'dnt'])('an operator can add %s', (name) => {
    expect(mayBePassed(name)).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { nearest } from '../../../../src/settings/reading/nearest.ts';

const known = ['host', 'port', 'adminPort', 'origins', 'link'];

describe('the nearest known word', () => {
  it.each([
    ['prot', 'port'],
    ['por', 'port'],
    ['ports', 'port'],
    ['hots', 'host'],
    ['origin', 'origins'],
    ['admin_port', 'adminPort'],
    ['ADMINPORT', 'adminPort'],
    ['admin-port', 'adminPort'],
  ])('of %s is %s', (written, meant) => {
    expect(nearest(written, known)).toBe(meant);
  });

  it.each(['', 'x', 'certificates', 'zzzz', 'a'.repeat(65)])('of “%s” is none', (written) => {
    expect(nearest(written, known)).toBeUndefined();
  });
});

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findNode } from '../../../scripts/pinned-node.js';

const clone = resolve(import.meta.dirname, '../../..');

describe('findNode', () => {
  it('is the pinned one in this clone, whatever runs now', () => {
    const node = findNode(clone, { version: '20.0.0', execPath: '/usr/bin/node' });
    expect(node).toContain('node_modules');
    expect(existsSync(node ?? '')).toBe(true);
  });

  it('G3 is the running one when that is a later version of the same major, and no other', () => {
    const chosen = (version: string) =>
      findNode(clone, { version, execPath: '/usr/bin/node' }) === '/usr/bin/node';
    expect(chosen('26.999.0')).toBe(true);
    for (const version of ['26.0.0', '25.999.0', '27.0.0', '26.999.0-rc.1'])
      expect(chosen(version)).toBe(false);
  });

  it('is the running one where nothing is pinned, if it is new enough', () => {
    expect(findNode('/nowhere', { version: '24.0.0', execPath: '/usr/bin/node' })).toBe('/usr/bin/node');
    expect(findNode('/nowhere', { version: '23.11.1', execPath: '/usr/bin/node' })).toBeUndefined();
    expect(findNode(clone, { platform: 'aix', arch: 'ppc64', version: '26.1.0', execPath: '/bin/n' })).toBe(
      '/bin/n',
    );
  });
});

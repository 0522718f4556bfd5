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

  it('is the running one where nothing is pinned, if it is new enough', () => {
    expect(findNode('/nowhere', { version: '24.0.0', execPath: '/usr/bin/node' })).toBe('/usr/bin/node');
    expect(findNode('/nowhere', { version: '23.11.1', execPath: '/usr/bin/node' })).toBeUndefined();
    expect(findNode(clone, { platform: 'aix', arch: 'ppc64', version: '26.1.0', execPath: '/bin/n' })).toBe(
      '/bin/n',
    );
  });
});

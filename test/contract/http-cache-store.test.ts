import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../src/proxy/routes/http/cache/memory-store.ts';
import { SqliteStore } from '../../src/proxy/routes/http/cache/sqlite-store.ts';
import {
  type CacheBounds,
  type CacheStore,
  type StoredHead,
  selectionsMost,
} from '../../src/proxy/routes/http/cache/stored-response.ts';

const bounds: CacheBounds = { bytes: 64 * 1024, bodyBytes: 8 * 1024 };

const stores: Readonly<Record<string, () => CacheStore>> = {
  memory: () => new MemoryStore(bounds),
  SQLite: () => new SqliteStore({ path: ':memory:', bounds }),
};

function head(changes: Partial<StoredHead['selection']> = {}, fields: StoredHead['fields'] = {}): StoredHead {
  return {
    status: 200,
    fields,
    requestedAt: 1,
    receivedAt: 2,
    selection: { owner: '', names: [], digest: '', ...changes },
  };
}

const at = (target: string, route = 'app') => ({ route, target });

for (const [name, make] of Object.entries(stores)) {
  describe(`a store of answers in ${name}`, () => {
    it('gives back what was put into it', () => {
      const store = make();
      const fields = { etag: '"1"', link: ['a', 'b'] };
      store.put(at('/x'), head({}, fields), Buffer.from('hello'));
      const [found] = store.list(at('/x'));
      expect(found?.head).toEqual(head({}, fields));
      expect(found?.bodyBytes).toBe(5);
      expect(found?.body()?.toString()).toBe('hello');
      expect(store.list(at('/y'))).toEqual([]);
      expect(store.list(at('/x', 'other'))).toEqual([]);
      store.close();
    });

    it('keeps one answer for one selection, and several side by side', () => {
      const store = make();
      store.put(at('/x'), head(), Buffer.from('old'));
      store.put(at('/x'), head(), Buffer.from('new'));
      store.put(at('/x'), head({ owner: 'y_ada' }), Buffer.from('ada'));
      store.put(at('/x'), head({ names: ['accept'], digest: 'd' }), Buffer.from('varied'));
      const bodies = store.list(at('/x')).map((each) => each.body()?.toString());
      expect(bodies.toSorted()).toEqual(['ada', 'new', 'varied']);
      store.delete(at('/x'), head().selection);
      expect(store.list(at('/x'))).toHaveLength(2);
      store.delete(at('/x'));
      expect(store.size).toEqual({ responses: 0, bytes: 0 });
      store.close();
    });

    it('puts a newer head on an answer that it has', () => {
      const store = make();
      store.put(at('/x'), head({}, { age: '1' }), Buffer.from('hello'));
      store.update(at('/x'), { ...head({}, { age: '2' }), receivedAt: 9 });
      store.update(at('/gone'), head());
      const [found] = store.list(at('/x'));
      expect(found?.head).toMatchObject({ fields: { age: '2' }, receivedAt: 9 });
      expect(found?.body()?.toString()).toBe('hello');
      expect(store.list(at('/gone'))).toEqual([]);
      store.close();
    });

    it('stays within its bytes, and forgets what was used longest ago first', () => {
      const store = make();
      for (let index = 0; index < 200; index += 1) {
        store.put(at(`/${index}`), head(), Buffer.alloc(1_000));
        expect(store.size.bytes).toBeLessThanOrEqual(bounds.bytes);
      }
      expect(store.list(at('/199'))).toHaveLength(1);
      expect(store.list(at('/0'))).toEqual([]);
      store.close();
    });

    it('takes no body over its bound', () => {
      const store = make();
      store.put(at('/x'), head(), Buffer.alloc(bounds.bodyBytes + 1));
      expect(store.size.responses).toBe(0);
      store.close();
    });

    it('bounds the answers for one address, whatever they vary by', () => {
      const store = make();
      for (let index = 0; index < selectionsMost * 2; index += 1) {
        const varied = { ...head({ names: ['cookie'], digest: String(index) }), receivedAt: index };
        store.put(at('/x'), varied, Buffer.alloc(10));
      }
      const digests = store.list(at('/x')).map((each) => each.head.selection.digest);
      expect(digests).toHaveLength(selectionsMost);
      expect(digests).toContain(String(selectionsMost * 2 - 1));
      store.close();
    });

    it('purges what begins so, at one route', () => {
      const store = make();
      for (const target of ['/a/1', '/a/2', '/b/1', '/a_%/x'])
        store.put(at(target), head(), Buffer.from('x'));
      store.put(at('/a/1', 'other'), head(), Buffer.from('x'));
      expect(store.purge('app', '/a/')).toBe(2);
      expect(store.purge('app', '/a_%')).toBe(1);
      expect(store.purge('app', '')).toBe(1);
      expect(store.size.responses).toBe(1);
      store.close();
    });
  });
}

describe('a store of answers in a file', () => {
  it('is shared by processes, outlives them, and is for its account alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'castling-test-'));
    try {
      const path = join(folder, 'cache.db');
      const one = new SqliteStore({ path, bounds });
      const other = new SqliteStore({ path, bounds });
      one.put(at('/x'), head(), Buffer.from('hello'));
      expect(other.list(at('/x'))[0]?.body()?.toString()).toBe('hello');
      other.purge('app', '');
      expect(one.list(at('/x'))).toEqual([]);
      one.put(at('/y'), head(), Buffer.from('hello'));
      expect(statSync(path).mode & 0o777).toBe(0o600);
      one.close();
      other.close();
      const later = new SqliteStore({ path, bounds });
      expect(later.size.responses).toBe(1);
      later.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('does without what it cannot read, and says so', () => {
    const failures: unknown[] = [];
    const store = new SqliteStore({
      path: ':memory:',
      bounds,
      onFailure: (error) => void failures.push(error),
    });
    store.put(at('/x'), head(), Buffer.from('hello'));
    store.close();
    expect(store.list(at('/x'))).toEqual([]);
    store.put(at('/x'), head(), Buffer.from('hello'));
    expect(failures.length).toBeGreaterThanOrEqual(2);
  });
});

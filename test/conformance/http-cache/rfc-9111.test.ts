import { describe, it } from 'vitest';
import { MemoryStore } from '../../../src/proxy/routes/http/cache/memory-store.ts';
import { SqliteStore } from '../../../src/proxy/routes/http/cache/sqlite-store.ts';
import { runCase } from '../../support/cache-case.ts';
import { caseBounds, castlingCache } from '../../support/castling-cache.ts';
import { casesOfHttpCaches } from './cases.ts';

const stores = {
  'in memory': castlingCache(() => new MemoryStore(caseBounds)),
  'in SQLite': castlingCache((now) => new SqliteStore({ path: ':memory:', bounds: caseBounds, now })),
};

for (const [name, makeCache] of Object.entries(stores)) {
  describe(`a shared cache ${name}, by the words of RFC 9111`, () => {
    for (const each of casesOfHttpCaches) {
      it(`${each.section}: ${each.says}`, async () => await runCase(each, makeCache));
    }
  });
}

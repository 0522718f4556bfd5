import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import type { Generated } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  isUniqueViolation,
  type Migrations,
  openStore,
  type Store,
  StoreError,
} from '../../src/store/index.ts';

const run = promisify(execFile);

interface Schema {
  entry: { log: string; seq: number; body: string };
  note: { id: Generated<number>; text: string };
}

const migrations: Migrations = {
  '0001-entry': {
    async up(db) {
      await db.schema
        .createTable('entry')
        .addColumn('log', 'text', (column) => column.notNull())
        .addColumn('seq', 'integer', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('entry_key', ['log', 'seq'])
        .execute();
    },
  },
};
const laterMigrations: Migrations = {
  ...migrations,
  '0002-note': {
    async up(db) {
      await db.schema
        .createTable('note')
        .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('text', 'text')
        .execute();
    },
  },
};

/** Every implementation of the store that this version has, and how to get a fresh database of it. */
const implementations = [
  {
    name: 'sqlite file',
    fresh: () => {
      const folder = mkdtempSync(join(tmpdir(), 'castling-store-'));
      return {
        url: `sqlite:${join(folder, 'test.db')}`,
        folder,
        reopens: true,
        remove: () => rmSync(folder, { recursive: true }),
      };
    },
  },
  {
    name: 'sqlite memory',
    fresh: () => ({ url: 'sqlite::memory:', folder: undefined, reopens: false, remove: () => {} }),
  },
];

describe.each(implementations)('store contract: $name', ({ fresh }) => {
  let place: ReturnType<typeof fresh>;
  let store: Store<Schema>;

  beforeEach(async () => {
    place = fresh();
    store = await openStore<Schema>({ url: place.url, migrations });
  });
  afterEach(async () => {
    await store.close();
    place.remove();
  });

  const entry = (log: string, seq: number, body = 'x') =>
    store.db.insertInto('entry').values({ log, seq, body }).compile();
  const all = async () =>
    (await store.db.selectFrom('entry').selectAll().orderBy('log').orderBy('seq').execute()).map(
      (row) => `${row.log}${row.seq}`,
    );

  it('stores groups, and lets each stand or fall by itself', async () => {
    const outcomes = await store.commit([
      [entry('a', 1), entry('a', 2)],
      [entry('a', 2)],
      [entry('b', 1), entry('a', 1), entry('b', 2)],
      [entry('c', 1)],
    ]);
    expect(outcomes).toEqual(['stored', 'conflict', 'conflict', 'stored']);
    expect(await all()).toEqual(['a1', 'a2', 'c1']);
  });

  it('takes what was deleted out of its files, also what the log had of it', async () => {
    const files = (): string =>
      place.folder === undefined
        ? ''
        : readdirSync(place.folder)
            .map((name) => readFileSync(join(place.folder ?? '', name), 'latin1'))
            .join('\n');
    await store.commit([[entry('a', 1, 'canary '.repeat(2_000))], [entry('a', 2, 'kept')]]);
    expect(files().includes('canary')).toBe(place.folder !== undefined);
    await store.db.deleteFrom('entry').where('seq', '=', 1).execute();
    expect(await store.purge()).toBe(true);
    expect(files().includes('canary')).toBe(false);
    expect(await all()).toEqual(['a2']);
  });

  it('waits for nobody who reads what is to be taken out', async () => {
    if (place.folder === undefined) return expect(await store.purge()).toBe(true);
    const reader = new DatabaseSync(place.url.replace('sqlite:', ''));
    await store.commit([[entry('a', 1)]]);
    reader.exec('begin');
    expect(reader.prepare('select * from entry').all()).toHaveLength(1);
    await store.db.deleteFrom('entry').execute();
    const start = performance.now();
    expect(await store.purge()).toBe(false);
    expect(performance.now() - start).toBeLessThan(2_000);
    reader.close();
    expect(await store.purge()).toBe(true);
  });

  it('undoes every group when one fails for another reason than a key', async () => {
    const broken = { ...entry('b', 1), parameters: ['b', 1, null] };
    await expect(store.commit([[entry('a', 1)], [broken]])).rejects.toThrow(/NOT NULL|null value/i);
    expect(await all()).toEqual([]);
    expect(await store.commit([[entry('a', 1)]])).toEqual(['stored']);
  });

  it('writes nothing when the fence gives no row, and says so', async () => {
    await store.commit([[entry('a', 1)]]);
    const fence = (log: string) => store.db.selectFrom('entry').selectAll().where('log', '=', log).compile();
    await expect(store.commit([[entry('b', 1)]], { fence: fence('none') })).rejects.toMatchObject({
      code: 'fenced',
    });
    expect(await store.commit([[entry('b', 1)]], { fence: fence('a') })).toEqual(['stored']);
  });

  it('answers an empty commit at once', async () => {
    expect(await store.commit([])).toEqual([]);
  });

  it('keeps commits out of transactions that are under way', async () => {
    const order: string[] = [];
    const transaction = store.db.transaction().execute(async (db) => {
      await db.insertInto('entry').values({ log: 't', seq: 1, body: '' }).execute();
      await new Promise((resolve) => setImmediate(resolve));
      await db.insertInto('entry').values({ log: 't', seq: 2, body: '' }).execute();
      order.push('transaction');
    });
    const commit = store.commit([[entry('a', 1)]]).then(() => order.push('commit'));
    await Promise.all([transaction, commit]);
    expect(order).toEqual(['transaction', 'commit']);
    expect(await all()).toEqual(['a1', 't1', 't2']);
  });

  it('rolls a failed transaction back', async () => {
    await expect(
      store.db.transaction().execute(async (db) => {
        await db.insertInto('entry').values({ log: 't', seq: 1, body: '' }).execute();
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await all()).toEqual([]);
  });

  it('tells a broken unique key from every other error', async () => {
    const failure = async (run: Promise<unknown>) =>
      run.then(
        () => undefined,
        (error: unknown) => error,
      );
    await store.db.insertInto('entry').values({ log: 'a', seq: 1, body: '' }).execute();
    const twice = store.db.insertInto('entry').values({ log: 'a', seq: 1, body: '' }).execute();
    expect(isUniqueViolation(await failure(twice))).toBe(true);
    const nothing = store.db
      .insertInto('entry')
      .values({ log: 'a', seq: 2, body: null as never })
      .execute();
    expect(isUniqueViolation(await failure(nothing))).toBe(false);
    expect(isUniqueViolation(new Error('UNIQUE constraint failed'))).toBe(false);
    expect(isUniqueViolation(undefined)).toBe(false);
  });

  it('refuses a commit after close, and can be closed twice', async () => {
    await store.close();
    await store.close();
    await expect(store.commit([[entry('a', 1)]])).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('store contract: what outlives the process', () => {
  const persistent = implementations.filter(({ fresh }) => {
    const place = fresh();
    place.remove();
    return place.reopens;
  });

  it.each(persistent)(
    '$name keeps what was committed, and takes later migrations once',
    async ({ fresh }) => {
      const place = fresh();
      const first = await openStore<Schema>({ url: place.url, migrations });
      await first.commit([
        [first.db.insertInto('entry').values({ log: 'a', seq: 1, body: 'kept' }).compile()],
      ]);
      await first.close();

      const second = await openStore<Schema>({ url: place.url, migrations: laterMigrations });
      expect(await second.db.selectFrom('entry').select('body').execute()).toEqual([{ body: 'kept' }]);
      await second.db.insertInto('note').values({ text: 'new' }).execute();
      await second.close();

      await expect(openStore<Schema>({ url: place.url, migrations })).rejects.toMatchObject({
        code: 'schema_newer',
      });
      place.remove();
    },
  );

  it.each(persistent)('$name lets several processes start on a new database at once', async ({ fresh }) => {
    const place = fresh();
    const starter = new URL('../support/store-starter.ts', import.meta.url).pathname;
    await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, [starter, place.url])));
    const migrations = { '0001-entry': { up: async () => {} }, '0002-index': { up: async () => {} } };
    const store = await openStore<Schema>({ url: place.url, migrations });
    expect(await store.db.selectFrom('entry').select('seq').execute()).toHaveLength(4);
    await store.close();
    place.remove();
  });
});

describe('sqlite files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'castling-store-'));
  const open = (path: string) => openStore<Schema>({ url: `sqlite:${path}`, migrations });

  it('are created for their owner alone, write-ahead log included, and sync at every commit', async () => {
    const path = join(folder, 'modes.db');
    const store = await open(path);
    await store.db.insertInto('entry').values({ log: 'a', seq: 1, body: '' }).execute();
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    const { sql } = await import('kysely');
    const pragma = async (name: string) => (await sql.raw(`pragma ${name}`).execute(store.db)).rows[0];
    expect(await pragma('journal_mode')).toEqual({ journal_mode: 'wal' });
    expect(await pragma('synchronous')).toEqual({ synchronous: 2 });
    await store.close();
  });

  it('are refused when others may read them', async () => {
    const { chmodSync } = await import('node:fs');
    const path = join(folder, 'open.db');
    await (await open(path)).close();
    chmodSync(path, 0o644);
    await expect(open(path)).rejects.toMatchObject({
      code: 'unsafe_settings',
      message: expect.stringContaining('chmod 600'),
    });
  });

  it('say that the disk is full, and not that a rollback failed: SQLite has rolled back by itself then', async () => {
    const store = await open(join(folder, 'full.db'));
    const { sql } = await import('kysely');
    await sql.raw('pragma max_page_count = 20').execute(store.db);
    const body = 'x'.repeat(200_000);
    const transaction = store.db.transaction().execute(async (db) => {
      await db.insertInto('entry').values({ log: 'a', seq: 1, body }).execute();
    });
    await expect(transaction).rejects.toMatchObject({ code: 'disk_full' });
    const group = [store.db.insertInto('entry').values({ log: 'a', seq: 2, body }).compile()];
    await expect(store.commit([group])).rejects.toMatchObject({ code: 'disk_full' });
    const small = store.db.insertInto('entry').values({ log: 'a', seq: 3, body: '' }).compile();
    expect(await store.commit([[small]])).toEqual(['stored']);
    await store.close();
  });

  it('that are none are refused as damaged', async () => {
    const { writeFileSync } = await import('node:fs');
    const path = join(folder, 'text.db');
    writeFileSync(path, 'this is no database, and long enough to be read as one'.repeat(30), { mode: 0o600 });
    await expect(open(path)).rejects.toMatchObject({ code: 'corrupt' });
  });
});

describe('store URLs', () => {
  it.each([
    ['mysql://x', 'url_invalid'],
    ['', 'url_invalid'],
    ['sqlite:', 'url_invalid'],
    ['postgres://user:secret@host/db', 'engine_unsupported'],
    ['sqlite:/no/such/folder/x.db', 'cannot_open'],
  ])('%j is refused as %s, without repeating a password', async (url, code) => {
    const error = await openStore<Schema>({ url, migrations }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('secret');
  });
});

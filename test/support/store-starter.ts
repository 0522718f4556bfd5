/** A process that opens the store at the URL in its argument, writes one row, and ends: for tests of first starts at once. */
import { openStore } from '../../src/store/index.ts';

const store = await openStore<{ entry: { seq: number } }>({
  url: process.argv[2] ?? '',
  migrations: {
    '0001-entry': {
      async up(db) {
        await db.schema
          .createTable('entry')
          .addColumn('seq', 'integer', (column) => column.primaryKey())
          .execute();
      },
    },
    '0002-index': {
      async up(db) {
        await db.schema.createIndex('entry_seq').on('entry').column('seq').execute();
      },
    },
  },
});
await store.db.insertInto('entry').values({ seq: process.pid }).execute();
await store.close();

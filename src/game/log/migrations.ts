import { type Kysely, sql } from 'kysely';
import type { Migrations } from '../../store/index.ts';

/** Steps of the game store's schema, oldest first. One that was released is never changed again. */
export const gameMigrations: Migrations = {
  '0001-match-log': { up: createMatchLog },
  '0002-members': { up: createMembers },
};

async function createMatchLog(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('matches')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('game', 'text', (column) => column.notNull())
    .addColumn('visibility', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('code', 'text', (column) => column.unique())
    .addColumn('result', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('matches_listed')
    .on('matches')
    .columns(['status', 'visibility', 'created_at'])
    .execute();

  await db.schema
    .createTable('seats')
    .addColumn('match', 'text', (column) => column.notNull())
    .addColumn('seat', 'integer', (column) => column.notNull())
    .addColumn('player', 'text', (column) => column.notNull())
    .addColumn('open', 'integer', (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('seats_key', ['match', 'seat'])
    .addUniqueConstraint('seats_one_each', ['match', 'player'])
    .execute();
  await db.schema.createIndex('seats_of_player').on('seats').columns(['player', 'since']).execute();
  await db.schema
    .createIndex('seats_open')
    .on('seats')
    .column('player')
    .where(sql.ref('open'), '=', 1)
    .execute();

  // Compare-and-append rests on this key: of two writers that would fill one sequence, the second fails.
  await db.schema
    .createTable('events')
    .addColumn('match', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('chain', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('events_key', ['match', 'seq'])
    .execute();

  // And "nothing happens twice" rests on this one.
  await db.schema
    .createTable('commands')
    .addColumn('player', 'text', (column) => column.notNull())
    .addColumn('command', 'text', (column) => column.notNull())
    .addColumn('match', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('commands_key', ['player', 'command'])
    .execute();
}

async function createMembers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('members')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('life', 'text', (column) => column.notNull())
    .addColumn('lease_until', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('epochs')
    .addColumn('epoch', 'bigint', (column) => column.notNull())
    .execute();
  await sql`insert into epochs (epoch) values (0)`.execute(db);
}

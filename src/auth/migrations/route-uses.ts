import type { Kysely } from 'kysely';

/** How much each player has used each route, by day. */
export async function createRouteUses(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('route_uses')
    .addColumn('player', 'text', (column) =>
      column.notNull().references('accounts.player').onDelete('cascade'),
    )
    .addColumn('route', 'text', (column) => column.notNull())
    .addColumn('day', 'integer', (column) => column.notNull())
    .addColumn('connections', 'bigint', (column) => column.notNull())
    .addColumn('bytes_up', 'bigint', (column) => column.notNull())
    .addColumn('bytes_down', 'bigint', (column) => column.notNull())
    .addColumn('ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('route_uses_key', ['player', 'route', 'day'])
    .execute();
  await db.schema.createIndex('route_uses_by_day').on('route_uses').column('day').execute();
}

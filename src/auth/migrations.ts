import type { Kysely } from 'kysely';
import type { Migrations } from '../store/index.ts';
import { createBoundSessions } from './migrations/bound-sessions.ts';
import { createChanges } from './migrations/changes.ts';
import { createDeviceGrants } from './migrations/device-grants.ts';
import { createGuessing } from './migrations/guessing.ts';
import { createGuests } from './migrations/guests.ts';
import { createModeration } from './migrations/moderation.ts';
import { createOutsideIssuers } from './migrations/outside-issuers.ts';
import { createPasskeys } from './migrations/passkeys.ts';
import { createRecovery } from './migrations/recovery.ts';
import { createRefreshGrace } from './migrations/refresh-grace.ts';
import { createRouteUses } from './migrations/route-uses.ts';
import { createSecondFactor } from './migrations/second-factor.ts';
import { addSessionAddress } from './migrations/session-address.ts';

/** The history of the auth store's schema. A step that has shipped is never edited; a new one is added. */
export const migrations: Migrations = {
  '0001-accounts': { up: createAccounts },
  '0002-sessions': { up: createSessions },
  '0003-keys': { up: createKeys },
  '0004-pseudonyms': { up: createPseudonyms },
  '0005-changes': { up: createChanges },
  '0006-moderation': { up: createModeration },
  '0007-refresh-grace': { up: createRefreshGrace },
  '0008-recovery': { up: createRecovery },
  '0009-guessing': { up: createGuessing },
  '0010-second-factor': { up: createSecondFactor },
  '0011-session-address': { up: addSessionAddress },
  '0012-bound-sessions': { up: createBoundSessions },
  '0013-guests': { up: createGuests },
  '0014-passkeys': { up: createPasskeys },
  '0015-device-grants': { up: createDeviceGrants },
  '0016-outside-issuers': { up: createOutsideIssuers },
  '0017-route-uses': { up: createRouteUses },
};

async function createAccounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('accounts')
    .addColumn('player', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('name_skeleton', 'text', (column) => column.notNull().unique())
    .addColumn('password_digest', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('disabled_at', 'bigint')
    .execute();
  await db.schema
    .createTable('password_costs')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('memory_kib', 'integer', (column) => column.notNull())
    .addColumn('passes', 'integer', (column) => column.notNull())
    .addColumn('measured_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function createSessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('session', 'text', (column) => column.primaryKey())
    .addColumn('player', 'text', (column) =>
      column.notNull().references('accounts.player').onDelete('cascade'),
    )
    .addColumn('device', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_because', 'text')
    .execute();
  await db.schema.createIndex('sessions_of_player').on('sessions').columns(['player', 'ended_at']).execute();
  await db.schema.createIndex('sessions_by_expiry').on('sessions').column('expires_at').execute();
  await db.schema
    .createTable('refresh_tokens')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('session', 'text', (column) =>
      column.notNull().references('sessions.session').onDelete('cascade'),
    )
    .addColumn('issued_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('refresh_tokens_of_session')
    .on('refresh_tokens')
    .columns(['session', 'issued_at'])
    .execute();
}

async function createKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('signing_keys')
    .addColumn('kid', 'text', (column) => column.primaryKey())
    .addColumn('alg', 'text', (column) => column.notNull())
    .addColumn('private_jwk', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('not_before', 'bigint', (column) => column.notNull())
    .addColumn('retired_at', 'bigint')
    .execute();
  await db.schema
    .createTable('secret_keys')
    .addColumn('purpose', 'text', (column) => column.primaryKey())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function createPseudonyms(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('pseudonyms')
    .addColumn('realm', 'text', (column) => column.notNull())
    .addColumn('pseudonym', 'text', (column) => column.notNull())
    .addColumn('player', 'text', (column) =>
      column.notNull().references('accounts.player').onDelete('cascade'),
    )
    .addPrimaryKeyConstraint('pseudonyms_key', ['realm', 'pseudonym'])
    .addUniqueConstraint('pseudonyms_of_player', ['player', 'realm'])
    .execute();
}

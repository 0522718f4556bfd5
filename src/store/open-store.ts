import { openSqliteStore } from './sqlite-store.ts';
import type { Migrations, Store } from './store.ts';
import { StoreError } from './store-error.ts';

/**
 * Opens the database that a URL names, creating it when it is new, and brings its schema up to date.
 *
 * `sqlite:PATH` (a file, created 0600) or `sqlite::memory:`; `postgres://…` is reserved.
 *
 * @throws StoreError `url_invalid`, `engine_unsupported`, `cannot_open`, `schema_newer`, `unsafe_settings`
 */
export async function openStore<Schema>({
  url,
  migrations,
}: {
  readonly url: string;
  readonly migrations: Migrations;
}): Promise<Store<Schema>> {
  const engine = /^([a-z]+):/.exec(url)?.[1];
  switch (engine) {
    case 'sqlite': {
      const path = url.slice('sqlite:'.length);
      if (path === '')
        throw new StoreError('url_invalid', 'A sqlite: URL needs a path: sqlite:/path/to/file.db');
      return await openSqliteStore<Schema>({ path, migrations });
    }
    case 'postgres':
    case 'postgresql':
      throw new StoreError(
        'engine_unsupported',
        'PostgreSQL is not supported by this version; use sqlite:/path/to/file.db.',
      );
    default:
      throw new StoreError(
        'url_invalid',
        'A store URL begins with sqlite: (such as sqlite:/path/to/file.db).',
      );
  }
}

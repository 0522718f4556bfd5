import { sql } from 'kysely';
import { openStore, type Store } from '../store/index.ts';
import { migrations } from './migrations.ts';
import type { AuthSchema } from './schema.ts';

/** Opens the account database. What is deleted there is overwritten, not just let go of. @throws StoreError */
export async function openAuthStore(url: string): Promise<Store<AuthSchema>> {
  const store = await openStore<AuthSchema>({ url, migrations });
  if (store.engine === 'sqlite') await sql`pragma secure_delete = on`.execute(store.db);
  return store;
}

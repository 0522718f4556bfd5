export { openStore } from './open-store.ts';
export { isUniqueViolation } from './sqlite-errors.ts';
export type { CommitGroup, GroupOutcome, Migration, Migrations, Store } from './store.ts';
export { StoreError, type StoreErrorCode } from './store-error.ts';

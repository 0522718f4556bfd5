export { inspectStore } from './inspect-store.ts';
export { openStore } from './open-store.ts';
export { isUniqueViolation } from './sqlite-errors.ts';
export type { CommitGroup, GroupOutcome, Migrations, Store } from './store.ts';
export { StoreError, type StoreErrorCode } from './store-error.ts';

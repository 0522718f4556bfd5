export { AuthError } from './auth-error.ts';
export type { EndedSession } from './change-feed.ts';
export { type Auth, type AuthOptions, createAuth } from './create-auth.ts';
export type { ShownToken } from './dpop/proofs.ts';
export { readKeyEncryptionFile } from './key-encryption.ts';
export { HashQueue } from './passwords/hash-queue.ts';
export type { SessionEnd } from './schema.ts';
export type { SessionLimits } from './sessions.ts';
export type { Session } from './sign-ins.ts';

export { AuthError } from './auth-error.ts';
export { type Auth, type AuthOptions, createAuth } from './create-auth.ts';
export { HashQueue } from './passwords/hash-queue.ts';
export type { Session } from './sign-ins.ts';

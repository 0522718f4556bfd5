import { type Static, Type } from 'typebox';
import { auth } from './sections/auth.ts';
import { backend } from './sections/backend.ts';
import { filters } from './sections/filters.ts';
import { certs, data, unsafeOldNode } from './sections/folders.ts';
import { limits } from './sections/limits.ts';
import { log } from './sections/log.ts';
import { proxy } from './sections/proxy.ts';
import { routes } from './sections/routes.ts';
import { slowness } from './sections/slowness.ts';
import { tls } from './sections/tls.ts';
import { traces } from './sections/traces.ts';

/** Every key of Castling, in the order in which documents show them. */
export const settingsSchema = Type.Object(
  { data, certs, unsafeOldNode, log, traces, proxy, tls, backend, auth, limits, filters, slowness, routes },
  {
    $id: 'castling-settings',
    title: 'Castling settings',
    description: 'The file castling.yaml.',
    additionalProperties: false,
  },
);

/** What the program gets: times in milliseconds, sizes in bytes, paths absolute; frozen through and through. */
export type Settings = DeepReadonly<Static<typeof settingsSchema>>;

type DeepReadonly<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
    : Value;

import { filterFault } from './filter-fault.ts';
import type { Settings } from './schema.ts';

/** What must hold between keys. Each names one of them, where the mistake is told. */
interface Rule {
  readonly key: string;
  /** Says what is wrong and what to do; `undefined` when nothing is. */
  check(settings: Settings): string | undefined;
}

const rules: readonly Rule[] = [
  {
    key: 'auth.sessions.idleLifetime',
    check: ({ auth: { sessions } }) =>
      sessions.idleLifetime > sessions.lifetime
        ? 'a session cannot wait for longer than it lives; give at most auth.sessions.lifetime.'
        : undefined,
  },
  { key: 'filters', check: ({ filters }) => filterFault(filters) },
];

export function brokenRules(settings: Settings): { readonly key: string; readonly message: string }[] {
  return rules.flatMap(({ key, check }) => {
    const message = check(settings);
    return message === undefined ? [] : [{ key, message }];
  });
}

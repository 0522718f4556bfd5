import { AddressRanges } from '../../../process/addresses/address-ranges.ts';
import type { Settings } from '../../../settings/index.ts';

/** One rule, as the section `filters` of the settings has it. */
export type FilterSettings = Settings['filters'][number];

/** What is known of what is to be let in. What is absent is not known yet; `none` is an origin that is known to be absent. */
export interface Facts {
  /** In canonical form. */
  readonly address: string;
  readonly route?: string | undefined;
  /** The method of a message, or the method and path of an HTTP request: `POST /auth/login`. */
  readonly kind?: string | undefined;
  readonly origin?: string | undefined;
}

/** `perhaps`: it depends on what is not known yet. */
export type Fit = 'yes' | 'no' | 'perhaps';

/** A rule that has been made ready to be asked often. */
export class FilterRule {
  readonly id: string;
  readonly action: FilterSettings['action'];
  readonly #addresses: AddressRanges | undefined;
  readonly #routes: ReadonlySet<string> | undefined;
  readonly #kinds: readonly KindTest[] | undefined;
  readonly #origins: ReadonlySet<string> | undefined;

  constructor({ id, action, addresses, routes, kinds, origins }: FilterSettings) {
    this.id = id;
    this.action = action;
    this.#addresses = addresses && new AddressRanges(addresses);
    this.#routes = routes && new Set(routes);
    this.#kinds = kinds?.map(kindTest);
    this.#origins = origins && new Set(origins);
  }

  fits({ address, route, kind, origin }: Facts): Fit {
    if (this.#addresses !== undefined && !this.#addresses.has(address)) return 'no';
    const parts = [
      compare(this.#routes, route, (routes, value) => routes.has(value)),
      compare(this.#origins, origin, (origins, value) => origins.has(value)),
      compare(this.#kinds, kind, (kinds, value) => kinds.some((test) => test(value))),
    ];
    if (parts.includes('no')) return 'no';
    return parts.includes('perhaps') ? 'perhaps' : 'yes';
  }
}

function compare<Test>(
  test: Test | undefined,
  value: string | undefined,
  has: (test: Test, value: string) => boolean,
): Fit {
  if (test === undefined) return 'yes';
  if (value === undefined) return 'perhaps';
  return has(test, value) ? 'yes' : 'no';
}

type KindTest = (kind: string) => boolean;

/** `match.move`, `match.*`, `*`; `POST /auth/login`, `* /api/*`. */
function kindTest(pattern: string): KindTest {
  const [method, path] = pattern.split(' ');
  if (method === undefined || path === undefined) {
    const isMessage = (kind: string) => !kind.includes(' ');
    const named = wildcardTest(pattern);
    return (kind) => isMessage(kind) && named(kind);
  }
  const hasPath = wildcardTest(path);
  return (kind) => {
    const [ofMethod, ofPath] = kind.split(' ');
    return ofPath !== undefined && (method === '*' || method === ofMethod) && hasPath(ofPath);
  };
}

/** A star at the end stands for anything. */
function wildcardTest(pattern: string): KindTest {
  if (!pattern.endsWith('*')) return (text) => text === pattern;
  const start = pattern.slice(0, -1);
  return (text) => text.startsWith(start);
}

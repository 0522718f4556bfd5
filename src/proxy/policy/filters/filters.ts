import { type Facts, FilterRule, type FilterSettings } from './filter-rule.ts';

/** What the rules say: who refuses, and which shadow rules would have. */
export interface FilterDecision {
  readonly deniedBy: string | undefined;
  readonly shadows: readonly string[];
}

const passes: FilterDecision = { deniedBy: undefined, shadows: [] };

/**
 * The filters of one version of the settings. The first rule that fits decides. When not all is known yet (of a connection only
 * the address, of an upgrade not the messages to come), only what is certain is decided: a refusal that holds whatever comes,
 * so that none is refused early that a rule would have let pass.
 */
export class Filters {
  /** As they were written. */
  readonly settings: readonly FilterSettings[];
  readonly #rules: readonly FilterRule[];

  /** @throws RangeError for an address range that is none. */
  constructor(rules: readonly FilterSettings[]) {
    this.settings = rules;
    this.#rules = rules.map((rule) => new FilterRule(rule));
  }

  decide(facts: Facts): FilterDecision {
    return this.#rules.length === 0 ? passes : decide(this.#rules, facts);
  }

  /** The rules that may fit something of which this much is known. */
  leftFor(facts: Facts): readonly FilterRule[] {
    return this.#rules.filter((rule) => rule.fits(facts) !== 'no');
  }
}

/**
 * The filters as one socket meets them. All but the kind of its messages is known from the start, and the kinds are few, so each is
 * decided once for each version of the settings.
 */
export class SocketFilter {
  readonly facts: Facts;
  readonly #decided = new Map<string, FilterDecision>();
  #filters: Filters | undefined;
  #left: readonly FilterRule[] = [];

  constructor(facts: Facts) {
    this.facts = facts;
  }

  /** `kind` is one of the protocol’s methods, so that what is kept is bounded. */
  decide(filters: Filters, kind: string): FilterDecision {
    if (this.#filters !== filters) {
      this.#filters = filters;
      this.#left = filters.leftFor(this.facts);
      this.#decided.clear();
    }
    if (this.#left.length === 0) return passes;
    const known = this.#decided.get(kind);
    if (known !== undefined) return known;
    const decision = decide(this.#left, { ...this.facts, kind });
    this.#decided.set(kind, decision);
    return decision;
  }
}

function decide(rules: readonly FilterRule[], facts: Facts): FilterDecision {
  const shadows: string[] = [];
  for (const rule of rules) {
    const fits = rule.fits(facts);
    if (fits === 'no') continue;
    // Who may yet be let pass is not refused by a later rule; who may yet be refused is refused by one that is certain.
    if (rule.action === 'allow') return { deniedBy: undefined, shadows };
    if (fits === 'perhaps') continue;
    if (rule.action === 'deny') return { deniedBy: rule.id, shadows };
    shadows.push(rule.id);
  }
  return { deniedBy: undefined, shadows };
}

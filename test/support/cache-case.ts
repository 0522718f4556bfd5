/**
 * One case of the cache battery: requests through a cache in front of an upstream that says what the case says, at times that
 * the case sets. The same cases run against every store, and can be run against another cache (see `CacheUnderTest`).
 */
import assert from 'node:assert/strict';

/** 1 June 2026, 12:00:00 UTC: where every case begins. */
const startAt = Date.UTC(2026, 5, 1, 12);

export type CaseFields = Readonly<Record<string, string | readonly string[]>>;

export interface CaseAnswer {
  readonly status?: number;
  readonly fields?: CaseFields;
  readonly body?: string;
  /** Seconds that the upstream takes. */
  readonly takes?: number;
}

export interface CaseRequest {
  readonly method?: string;
  readonly target?: string;
  readonly fields?: CaseFields;
  /** The player who asks; nobody when left out. */
  readonly player?: string;
}

export interface CaseStep extends CaseRequest {
  /** Seconds that pass before the request. */
  readonly wait?: number;
  /** What the upstream would say; `down`: it cannot be reached. A step without it must be answered without the upstream. */
  readonly upstream?: CaseAnswer | 'down' | ((asked: CaseFields) => CaseAnswer);
  readonly status?: number;
  readonly body?: string;
  /** Fields of the answer: exactly so, matching, or absent (`null`). */
  readonly gives?: Readonly<Record<string, string | RegExp | null>>;
  /** Fields that the upstream must have been asked with. */
  readonly asks?: Readonly<Record<string, string | RegExp | null>>;
  /** The upstream is asked in the background, too, and says this. */
  readonly refresh?: CaseAnswer;
}

export interface CacheCase {
  /** RFC 9111 unless it names another. */
  readonly section: string;
  readonly says: string;
  readonly steps: readonly CaseStep[];
}

export interface CaseResult {
  readonly status: number;
  readonly fields: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface UpstreamOfCase {
  /** `undefined` when it is down. */
  answer(
    request: Required<Pick<CaseRequest, 'method' | 'target'>> & { readonly fields: CaseFields },
  ): CaseAnswer | undefined;
}

/** A cache with its clock and its upstream. */
export interface CacheUnderTest {
  send(request: CaseRequest): Promise<CaseResult>;
  close(): void;
}

export interface CaseClock {
  now: number;
}

export type MakeCache = (parts: {
  readonly upstream: UpstreamOfCase;
  readonly clock: CaseClock;
}) => CacheUnderTest;

export async function runCase({ steps }: CacheCase, makeCache: MakeCache): Promise<void> {
  const clock: CaseClock = { now: startAt };
  let asked: CaseFields[] = [];
  let answers: (CaseStep['upstream'] | undefined)[] = [];
  const upstream: UpstreamOfCase = {
    answer: ({ method, target, fields }) => {
      asked.push(fields);
      const next = answers.shift();
      if (next === undefined) return { status: 599, body: `not to be asked for ${method} ${target}` };
      if (next === 'down') return undefined;
      const answer = typeof next === 'function' ? next(fields) : next;
      clock.now += (answer.takes ?? 0) * 1000;
      return answer;
    },
  };
  const cache = makeCache({ upstream, clock });
  try {
    for (const [index, step] of steps.entries()) {
      clock.now += (step.wait ?? 0) * 1000;
      asked = [];
      answers = [step.upstream, step.refresh].filter((each) => each !== undefined);
      const expected = answers.length;
      const result = await cache.send(step);
      await new Promise((resolve) => setImmediate(resolve));
      const where = `step ${index + 1}`;
      assert.equal(asked.length, expected, `${where}: requests to the upstream`);
      if (step.status !== undefined) assert.equal(result.status, step.status, `${where}: status`);
      if (step.body !== undefined) assert.equal(result.body, step.body, `${where}: body`);
      compare(step.gives, result.fields, where);
      if (step.asks !== undefined) compare(step.asks, asked[0] ?? {}, `${where}, upstream`);
    }
  } finally {
    cache.close();
  }
}

function compare(
  wanted: CaseStep['gives'],
  fields: Readonly<Record<string, string | readonly string[] | undefined>>,
  where: string,
): void {
  for (const [name, value] of Object.entries(wanted ?? {})) {
    const given = fields[name];
    const text = Array.isArray(given) ? given.join(', ') : (given as string | undefined);
    if (value instanceof RegExp) assert.match(text ?? '', value, `${where}: ${name}`);
    else assert.equal(text, value ?? undefined, `${where}: ${name}`);
  }
}

/** An HTTP-date so many seconds after the beginning of the case. */
export function at(seconds: number): string {
  return new Date(startAt + seconds * 1000).toUTCString();
}

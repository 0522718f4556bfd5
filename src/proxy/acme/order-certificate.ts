import { setTimeout as sleep } from 'node:timers/promises';
import { printable } from '../../process/printable.ts';
import { type AcmeAccount, addressIn, objectIn, retryAfterMs } from './acme-account.ts';
import { AcmeError } from './acme-error.ts';
import type { Challenges } from './challenges.ts';

export interface OrderOptions {
  readonly account: AcmeAccount;
  readonly names: readonly string[];
  /** PKCS #10 for exactly these names, DER. */
  readonly request: Uint8Array;
  readonly challenges: Pick<Challenges, 'publish' | 'withdraw'>;
  /** Milliseconds for one decision of the authority. */
  readonly decideWithinMs?: number;
  readonly wait?: (ms: number) => Promise<unknown>;
}

interface Challenge {
  readonly type: string;
  readonly url: string;
  readonly token: string;
}

/** Milliseconds between two questions, whatever the authority asks for. */
const pollMs = { least: 1_000, most: 30_000 } as const;

/**
 * Orders a certificate (RFC 8555 section 7.1): an order, a proof for each name over http-01, the request, the chain. One order at a
 * time; the proofs one after the other, for an operator has few names.
 *
 * @returns the chain, PEM, leaf first; not looked at yet. @throws AcmeError
 */
export async function orderCertificate(options: OrderOptions): Promise<string> {
  const { account, names, request } = options;
  const made = await account.post(account.newOrder, {
    payload: { identifiers: names.map((value) => ({ type: 'dns', value })) },
  });
  const [url, order] = [addressIn(made), objectIn(made)];
  for (const authorization of textsIn(order.authorizations)) await prove(authorization, options);
  const ready = await decided(url, options, ['ready', 'valid']);
  if (ready.status === 'ready') {
    const csr = Buffer.from(request).toString('base64url');
    await account.post(textIn(ready.finalize), { payload: { csr } });
  }
  const issued = await decided(url, options, ['valid']);
  const chain = await account.post(textIn(issued.certificate), {
    accept: 'application/pem-certificate-chain',
  });
  return chain.body;
}

/** Shows the authority that a name is ours, unless it knows. */
async function prove(url: string, options: OrderOptions): Promise<void> {
  const { account, challenges } = options;
  const authorization = objectIn(await account.post(url));
  if (authorization.status === 'valid') return;
  const offered = Array.isArray(authorization.challenges) ? (authorization.challenges as Challenge[]) : [];
  const challenge = offered.find(({ type }) => type === 'http-01');
  if (challenge === undefined) throw new AcmeError('challenge_missing');
  const token = textIn(challenge.token);
  await challenges.publish(token, await account.keyAuthorization(token));
  try {
    await account.post(textIn(challenge.url), { payload: {} });
    await decided(url, options, ['valid']);
  } finally {
    await challenges.withdraw(token);
  }
}

/** Asks until the authority has decided. @throws AcmeError when it decided otherwise, or not in time */
async function decided(
  url: string,
  { account, decideWithinMs = 300_000, wait = sleep }: OrderOptions,
  wanted: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  for (let waited = 0; ; ) {
    const answer = await account.post(url);
    const resource = objectIn(answer);
    const status = String(resource.status);
    if (wanted.includes(status)) return resource;
    if (status !== 'pending' && status !== 'processing' && status !== 'ready') {
      throw new AcmeError('challenges' in resource ? 'challenge_failed' : 'order_refused', {
        detail: detailIn(resource) ?? `status ${printable(status.slice(0, 40))}`,
      });
    }
    if (waited >= decideWithinMs) throw new AcmeError('too_slow');
    const ms = Math.min(pollMs.most, retryAfterMs(answer, pollMs.least));
    waited += ms;
    await wait(ms);
  }
}

/** What the authority has to object, of an order or of one of its challenges. */
function detailIn(resource: Readonly<Record<string, unknown>>): string | undefined {
  const places = [resource, ...(Array.isArray(resource.challenges) ? resource.challenges : [])];
  for (const place of places as { error?: { detail?: unknown } }[]) {
    const detail = place.error?.detail;
    if (typeof detail === 'string') return printable(detail.slice(0, 300));
  }
  return undefined;
}

function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new AcmeError('answer_invalid', { detail: 'a field is missing' });
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(textIn) : [];
}

import { request } from 'node:https';
import { rootCertificates } from 'node:tls';
import { AcmeError } from './acme-error.ts';

export interface AcmeRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly body?: string;
  readonly accept?: string;
}

export interface AcmeResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Sends one request. Handed in, so that a test can be the authority. */
export type AcmeTransport = (request: AcmeRequest) => Promise<AcmeResponse>;

/** Milliseconds for one request and its answer. */
const answerWithinMs = 30_000;
/** A chain of certificates has a few thousand. */
const mostBytes = 256 * 1024;

/**
 * ACME over HTTPS and nothing else (RFC 8555 section 6.1): no redirects, no environment's proxy, an answer that is bounded in time
 * and size. `ca` (PEM) is trusted beside the public authorities, for one that is run in house.
 */
export function httpsTransport({ ca }: { readonly ca?: string | undefined } = {}): AcmeTransport {
  return ({ method, url, body, accept = 'application/json' }) =>
    new Promise((resolve, reject) => {
      const fail = (cause: unknown) => reject(new AcmeError('unreachable', { cause }));
      if (URL.parse(url)?.protocol !== 'https:') {
        reject(new AcmeError('answer_invalid', { detail: 'an address that is not https' }));
        return;
      }
      const sent = request(
        url,
        {
          method,
          agent: false,
          signal: AbortSignal.timeout(answerWithinMs),
          ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
          headers: {
            accept,
            'user-agent': 'castling',
            ...(body !== undefined && {
              'content-type': 'application/jose+json',
              'content-length': Buffer.byteLength(body),
            }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          response.on('error', fail);
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > mostBytes) response.destroy(new Error('the answer is too large'));
            else chunks.push(chunk);
          });
          response.on('end', () => {
            const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
            resolve({
              status: response.statusCode ?? 0,
              headers: Object.fromEntries(headers),
              body: Buffer.concat(chunks).toString('utf8'),
            });
          });
        },
      );
      sent.on('error', fail);
      sent.end(body);
    });
}

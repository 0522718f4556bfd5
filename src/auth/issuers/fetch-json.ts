import { lookup } from 'node:dns';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Json } from '../../protocol/json.ts';
import { parseStrictJson } from '../../protocol/strict-json.ts';
import { isPublicAddress } from './public-address.ts';

export interface FetchJsonOptions {
  readonly ca?: string | undefined;
  readonly unsafeAllowPrivateAddresses: boolean;
  /** In place of the system's, for tests: gives every address of a name. */
  readonly resolve?: typeof lookup;
}

/** Bytes of an answer. A set of a dozen RSA keys with their certificates has about fifty thousand. */
const longestAnswer = 256 * 1024;
/** Milliseconds for one call, from the look-up of the name to the last byte. */
const longestMs = 5_000;
const jsonLimits = { depth: 8, items: 4_096, numberLength: 32 } as const;

/**
 * Gets a JSON document over HTTPS from an address that an operator has written down, or that a document from there names. Such
 * an address could be made to lead somewhere else, so: no redirect is followed, and every address that the name has must be
 * public. The connection goes to the very addresses that were looked at, so that a second look-up cannot give others (DNS
 * rebinding). Nothing is decompressed, and size and time are bounded.
 *
 * @throws Error with a sentence for the log
 */
export async function fetchJson(address: string, options: FetchJsonOptions): Promise<Json> {
  const url = URL.parse(address);
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    throw new Error('The address is not an https URL without user and password.');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // An address in place of a name is connected to without any look-up.
  if (isIP(host) !== 0 && !options.unsafeAllowPrivateAddresses && !isPublicAddress(host)) {
    throw notPublic(host);
  }
  const text = await get(url, { ...options, host });
  const reading = parseStrictJson(text, jsonLimits);
  if (!reading.ok) throw new Error(`The answer cannot be read: ${reading.reason}.`);
  return reading.value;
}

function get(
  url: URL,
  {
    host,
    ca,
    unsafeAllowPrivateAddresses,
    resolve: resolveName = lookup,
  }: FetchJsonOptions & { host: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host,
        port: url.port === '' ? 443 : Number(url.port),
        path: url.pathname + url.search,
        headers: { accept: 'application/json', 'accept-encoding': 'identity', host: url.host },
        ...(isIP(host) === 0 && { servername: host }),
        ...(ca !== undefined && { ca }),
        minVersion: 'TLSv1.2',
        agent: false,
        lookup: unsafeAllowPrivateAddresses ? resolveName : publicOnly(resolveName),
        signal: AbortSignal.timeout(longestMs),
      },
      (answer) => {
        const { statusCode, headers } = answer;
        const refuse = (why: string) => {
          answer.destroy();
          reject(new Error(why));
        };
        if (statusCode !== 200) return refuse(`The answer has status ${statusCode}.`);
        if (headers['content-encoding'] !== undefined) return refuse('The answer is compressed.');
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > longestAnswer) refuse(`The answer is longer than ${longestAnswer} bytes.`);
          else chunks.push(chunk);
        });
        answer.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
        answer.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

/** A look-up that fails unless all addresses are public: the connection tries one after the other. */
function publicOnly(resolveName: typeof lookup): LookupFunction {
  return (name, options, callback) => {
    resolveName(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const odd = addresses.find(({ address }) => !isPublicAddress(address));
      const [first] = addresses;
      if (odd !== undefined) callback(notPublic(odd.address), []);
      else if (options.all === true || first === undefined) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function notPublic(address: string): Error {
  return new Error(
    `The address ${address} is not public; where that is meant, set unsafeAllowPrivateAddresses for the issuer.`,
  );
}

import type { FastifyRequest } from 'fastify';
import { AuthError } from '../auth-error.ts';
import type { ShownProof, ShownToken } from '../dpop/proofs.ts';

/**
 * The access token of a request, in the Authorization field and nowhere else: by the scheme Bearer (RFC 6750 section 2.1), or by
 * DPoP with a proof beside it (RFC 9449 section 7.1).
 *
 * @throws AuthError `token_missing`; `invalid_dpop_proof` when the scheme promises a proof that is not there
 */
export function readCredentials(request: FastifyRequest): ShownToken {
  // Node keeps the first of several fields; which one counts must not depend on the reader.
  if (countOf('authorization', request) > 1) throw new AuthError('token_missing', { rule: 'token.single' });
  const [, scheme = '', token = ''] =
    /^(Bearer|DPoP) +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token === '') throw new AuthError('token_missing');
  if (scheme.toLowerCase() === 'bearer') return { token };
  const proof = readProof(request);
  if (proof === undefined) throw new AuthError('invalid_dpop_proof', { rule: 'dpop.missing' });
  return { token, proof };
}

/**
 * The proof that a request brings (RFC 9449 section 4.1); `undefined` without one. What it must be made for is the address that
 * the client asked for, which its Host field tells: TLS has shown the client that this server answers to it.
 *
 * @throws AuthError `invalid_dpop_proof` when there are several
 */
export function readProof(request: FastifyRequest): ShownProof | undefined {
  const { method, headers, url } = request;
  const proof = headers.dpop;
  if (proof === undefined) return undefined;
  if (typeof proof !== 'string' || countOf('dpop', request) > 1) {
    throw new AuthError('invalid_dpop_proof', { rule: 'dpop.single' });
  }
  return { proof, method, url: `https://${headers.host ?? ''}${url}` };
}

function countOf(wanted: string, { raw }: FastifyRequest): number {
  return raw.rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === wanted).length;
}

import type { IncomingMessage } from 'node:http';
import type { ShownToken } from '../../auth/index.ts';
import { pathOf } from './request-faults.ts';

/**
 * The access token in the Authorization field, by the scheme Bearer (RFC 6750 section 2.1) or DPoP with its proof (RFC 9449 section
 * 7.1). `none`: there is no such field. `invalid`: it has something else in it.
 */
export function shownToken({
  headers,
  method = '',
  url = '',
}: IncomingMessage): ShownToken | 'none' | 'invalid' {
  const { authorization, dpop, host = '' } = headers;
  if (authorization === undefined) return 'none';
  // RFC 9110 section 11.1: the scheme's case does not matter.
  const [, scheme = '', token = ''] = /^(Bearer|DPoP) +([^\s,]+) *$/i.exec(authorization) ?? [];
  if (token === '') return 'invalid';
  if (scheme.toLowerCase() === 'bearer') return { token };
  if (typeof dpop !== 'string') return 'invalid';
  return { token, proof: { proof: dpop, method, url: `https://${host}${pathOf(url)}` } };
}

import type { FastifyRequest } from 'fastify';
import type { Caller, SignIns } from '../sign-ins.ts';
import type { WaysIn } from '../ways-in.ts';

/** What the routes of this folder call. */
export interface AuthParts {
  readonly signIns: SignIns;
  readonly waysIn: WaysIn;
}

/** The same for one scope of routes, which knows whose word about addresses it takes. */
export interface ScopeParts extends AuthParts {
  readonly caller: (request: FastifyRequest) => Caller;
}

/** Where a request comes from, and by which name it found this server. */
export function callerBy(clientAddress: (request: FastifyRequest) => string): ScopeParts['caller'] {
  return (request) => ({
    address: clientAddress(request),
    host: (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase(),
  });
}

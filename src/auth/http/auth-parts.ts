import type { FastifyRequest } from 'fastify';
import type { DeviceSignIns } from '../device-flow/device-sign-ins.ts';
import type { CheckedProof } from '../dpop/proofs.ts';
import type { Visits } from '../guests/visits.ts';
import type { Caller, SignIns } from '../sign-ins.ts';
import type { WaysIn } from '../ways-in.ts';

/** What the routes of this folder call. */
export interface AuthParts {
  readonly signIns: SignIns;
  readonly waysIn: WaysIn;
  readonly deviceSignIns: DeviceSignIns;
  readonly visits: Visits;
}

/** The same for one scope of routes, which knows whose word about addresses it takes. */
export interface ScopeParts extends AuthParts {
  readonly caller: (request: FastifyRequest) => Caller;
}

/** Where a request comes from, by which name it found this server, and which key it has proved to have. */
export function callerBy(
  clientAddress: (request: FastifyRequest) => string,
  proofs: { get(request: FastifyRequest): CheckedProof | undefined },
): ScopeParts['caller'] {
  return (request) => ({
    address: clientAddress(request),
    proof: proofs.get(request),
    host: (request.headers.host ?? '').toLowerCase(),
  });
}

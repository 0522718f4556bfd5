import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explainSystemError } from '../../../process/explain-system-error.ts';
import type { Settings } from '../../../settings/index.ts';
import { commonSettings } from '../route-settings.ts';
import type { HttpRouteLimits, RoutePlace } from './http-route.ts';
import type { HttpCacheSettings, HttpRouteSettings } from './http-route-settings.ts';

type Route = Extract<Settings['routes'][number], { readonly kind: 'http' }>;

/** The settings that `http` routes come from. */
export interface HttpRouteSources {
  readonly routes: Settings['routes'];
  readonly operators: readonly string[];
  readonly data: string;
}

export function httpRouteSources({ routes, auth, data }: Settings): HttpRouteSources {
  return { routes: routes.filter(({ kind }) => kind === 'http'), operators: auth.operators, data };
}

/** Those of kind `http`, with the files that they name. @throws OperatorError for a file that cannot be read */
export async function httpRoutesFrom({
  routes,
  data,
  ...rest
}: HttpRouteSources): Promise<HttpRouteSettings[]> {
  const operators = new Set(rest.operators);
  const wanted = routes.filter((route) => route.kind === 'http');
  return await Promise.all(
    wanted.map(async (route) => {
      const { signIn, tellName, requestFields, origins, upstreamPath, upstreamHost, publicHost } = route;
      return {
        ...commonSettings(route),
        ...{ signIn, upstreamPath, requestFields, origins, operators },
        place: placeOf(route),
        allow: route.allow === 'listed' ? route.accounts : route.allow,
        tellsName: tellName,
        hostField: upstreamHost,
        publicHost: publicHost ?? route.host,
        tls: route.tls ? { ca: route.ca && (await readCertificates(route.ca)) } : undefined,
        limits: limitsOf(route),
        cache: cacheOf(route, data),
      };
    }),
  );
}

/** The rules of the settings see to it that there is one of the two, and what belongs to it. */
function placeOf({ host, path = '/', entrance = '' }: Route): RoutePlace {
  return host === undefined ? { kind: 'path', path } : { kind: 'host', host, entrance };
}

function limitsOf({ limits }: Route): HttpRouteLimits {
  return {
    requestBodyBytes: limits.requestBody,
    responseBodyBytes: limits.responseBody,
    connectMs: limits.connect,
    firstByteMs: limits.firstByte,
    idleMs: limits.idle,
    totalMs: limits.total,
    requests: limits.requests,
    requestsPerPlayer: limits.requestsPerPlayer,
    webSockets: limits.webSockets,
    webSocketsPerPlayer: limits.webSocketsPerPlayer,
    webSocketIdleMs: limits.webSocketIdle,
    webSocketTotalMs: limits.webSocketTotal,
  };
}

function cacheOf({ name, cache }: Route, data: string): HttpCacheSettings | undefined {
  if (cache.store === 'none') return undefined;
  return {
    store:
      cache.store === 'memory'
        ? { kind: 'memory' }
        : { kind: 'sqlite', path: join(data, `http-cache-${name}.db`) },
    bytes: cache.size,
    bodyBytes: cache.bodySize,
    heuristicMostSeconds: cache.guess / 1_000,
    disconnectedMostSeconds: cache.whenDown / 1_000,
  };
}

async function readCertificates(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw explainSystemError(error, { doing: 'read', path: file }) ?? error;
  }
}

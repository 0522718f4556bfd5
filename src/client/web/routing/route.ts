import { parseId } from '../../../protocol/ids.ts';

/** A match by its id, or by the invite code that opens a private one. */
export type MatchReference = { readonly match: string } | { readonly code: string };

/**
 * Where in the page one is. It lives in the fragment of the address, which browsers send to nobody: an invite code that
 * opens a private match never reaches a server's log.
 */
export type Route =
  | { readonly at: 'lobby' }
  | { readonly at: 'account' }
  /** Where a terminal is let in; with the code that it shows. */
  | { readonly at: 'terminal'; readonly code?: string }
  | { readonly at: 'join'; readonly code: string }
  | MatchRoute;

export interface MatchRoute {
  readonly at: 'match';
  readonly which: MatchReference;
  /** The position to show, from 0; the present when absent. */
  readonly move?: number;
}

/** Total: what is no address of ours is the lobby. */
export function parseRoute(fragment: string): Route {
  const [place, reference = '', position] = fragment.replace(/^#?\/?/, '').split('/');
  if (place === 'account') return { at: 'account' };
  if (place === 'device') {
    const code = readUserCode(reference);
    return { at: 'terminal', ...(code !== undefined && { code }) };
  }
  if (place === 'join') {
    const code = readCode(reference);
    if (code !== undefined) return { at: 'join', code };
  }
  if (place === 'match') {
    const match = parseId('match', reference);
    const code = match === undefined ? readCode(reference) : undefined;
    const which = match !== undefined ? { match } : code !== undefined ? { code } : undefined;
    if (which) {
      const move = position !== undefined && /^\d{1,5}$/.test(position) ? Number(position) : undefined;
      return { at: 'match', which, ...(move !== undefined && { move }) };
    }
  }
  return { at: 'lobby' };
}

/** The address without the position: looking through a match stays at one place. */
export function placeOf(route: Route): string {
  return formatRoute(route.at === 'match' ? { at: 'match', which: route.which } : route);
}

export function formatRoute(route: Route): string {
  switch (route.at) {
    case 'lobby':
      return '#/';
    case 'account':
      return '#/account';
    case 'terminal':
      return route.code === undefined ? '#/device' : `#/device/${route.code}`;
    case 'join':
      return `#/join/${route.code}`;
    case 'match': {
      const reference = 'match' in route.which ? route.which.match : route.which.code;
      return `#/match/${reference}${route.move === undefined ? '' : `/${route.move}`}`;
    }
  }
}

/** An invite code as people type it: any case, with spaces and hyphens. */
export function readCode(typed: string): string | undefined {
  return parseId('invite', typed.replaceAll(/[\s-]/g, '').toUpperCase());
}

/** The code of a terminal as people type it: any case, with spaces and hyphens; as the terminal shows it. */
export function readUserCode(typed: string): string | undefined {
  const code = typed.replaceAll(/[\s-]/g, '').toUpperCase();
  return /^[B-DF-HJ-NP-TV-XZ]{8}$/.test(code) ? `${code.slice(0, 4)}-${code.slice(4)}` : undefined;
}

/** The whole address of a place in this page. */
export function addressOf(route: Route, base: string): string {
  return new URL(formatRoute(route), base).href;
}

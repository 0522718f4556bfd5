import type { ControlRoutes } from '../../../process/control/index.ts';
import { OperatorError } from '../../../process/operator-error.ts';
import { printable } from '../../../process/printable.ts';
import type { HttpRoutes } from './http-routes.ts';

/** What a process answers to `POST /cache/purge`. */
export interface PurgeReport {
  readonly route: string;
  /** Answers that it has forgotten. Processes that share a file forget each answer once, together. */
  readonly forgotten: number;
}

/** Lets an operator throw kept answers away. */
export function addCacheControl(control: ControlRoutes, routes: HttpRoutes): void {
  control.add('POST /cache/purge', ({ body }): PurgeReport => {
    const { route, prefix } = (body ?? {}) as { route?: unknown; prefix?: unknown };
    const forgotten =
      typeof route === 'string' && typeof prefix === 'string' ? routes.purge(route, prefix) : undefined;
    if (typeof route !== 'string' || forgotten === undefined) {
      throw new OperatorError(
        'usage',
        `There is no http route “${printable(String(route))}” that keeps answers; \`castling route list\` shows the routes.`,
      );
    }
    return { route, forgotten };
  });
}

import type { Link } from '../../link/link.ts';
import type { Upstream } from '../upstream.ts';

/**
 * A backend needs no probe of its own: its link asks for a heartbeat all the time and says when it is away. This passes
 * that on as the probes' verdict.
 */
export function followLink(link: Pick<Link, 'state' | 'observe'>, upstream: Pick<Upstream, 'probed'>): void {
  link.observe({
    up: () => upstream.probed('up'),
    away: () => upstream.probed('down', 'the link is away'),
  });
  if (link.state !== 'up') upstream.probed('down', 'the link is not up yet');
}

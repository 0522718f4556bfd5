import { descriptorLimit } from '../../process/descriptor-limit.ts';
import { listenerLimits } from './listener-limits.ts';

/**
 * Descriptors that players’ connections leave to the rest of the process: its own files, databases, channels, and backends that
 * it dials again. Some forty are in use when it is up.
 */
const reserved = 96;
/** With fewer than this the reserve would leave nothing; half of all is then for connections. */
const tight = 2 * reserved;

/** How many connections the player port takes at once, so that no flood of them takes the last descriptor. */
export function mostConnections(descriptors = descriptorLimit()): number {
  const free = descriptors < tight ? Math.floor(descriptors / 2) : descriptors - reserved;
  return Math.min(listenerLimits.connections, free);
}

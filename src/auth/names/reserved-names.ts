import { skeletonOf } from './confusables.ts';

/**
 * Names that would speak for the service, for whoever runs it, or for nobody: what the proxy shows when a name cannot be
 * found, what operators and mail servers are called (RFC 2142), and what programs print where a name is missing.
 */
const reserved: readonly string[] = [
  // the service
  'castling',
  'proxy',
  'backend',
  'server',
  'system',
  'service',
  'localhost',
  // whoever runs it
  'abuse',
  'admin',
  'administrator',
  'hostmaster',
  'info',
  'mod',
  'moderator',
  'official',
  'operator',
  'owner',
  'postmaster',
  'referee',
  'root',
  'security',
  'staff',
  'support',
  'sysadmin',
  'team',
  'webmaster',
  // nobody
  'anonymous',
  'deleted',
  'everybody',
  'everyone',
  'guest',
  'me',
  'nan',
  'nobody',
  'none',
  'null',
  'opponent',
  'player',
  'spectator',
  'undefined',
  'unknown',
  'you',
];

const skeletons: ReadonlySet<string> = new Set(reserved.map(plainSkeleton));

/** Whether a canonical name is one of these, or looks like one, whatever separators it is written with. */
export function isReservedName(name: string): boolean {
  return skeletons.has(plainSkeleton(name));
}

function plainSkeleton(name: string): string {
  return skeletonOf(name.replace(/[-_.]/g, ''));
}

/** What runs here may not be older than this: earlier ones have flaws that matter to a program that strangers reach. */
export interface VersionFloor {
  readonly part: 'Node.js' | 'Brotli';
  readonly least: string;
  readonly why: string;
}

const floors = [
  {
    part: 'Node.js',
    least: '26.12.1',
    why: 'earlier ones lack fixes of security flaws, one of them in the Brotli decoder',
  },
  {
    part: 'Brotli',
    least: '1.2.1',
    why: 'earlier decoders have a known flaw; Castling never decodes what a peer sends with it',
  },
] as const satisfies readonly VersionFloor[];

/** What of a Node is older than its floor. Parts that a build leaves out are not. */
export function belowFloor(
  versions: { readonly node: string; readonly brotli?: string | undefined } = process.versions,
): (VersionFloor & { readonly found: string })[] {
  const found = { 'Node.js': versions.node, Brotli: versions.brotli };
  return floors.flatMap((floor) => {
    const version = found[floor.part];
    return version === undefined || isAtLeast(version, floor.least) ? [] : [{ ...floor, found: version }];
  });
}

/** Compares by numbers; what follows them (`-rc.1`) makes a version older than the same one without it. */
export function isAtLeast(version: string, least: string): boolean {
  const [own, wanted] = [numbersOf(version), numbersOf(least)];
  for (let index = 0; index < Math.max(own.length, wanted.length); index += 1) {
    const difference = (own[index] ?? 0) - (wanted[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return !version.includes('-') || least.includes('-');
}

function numbersOf(version: string): number[] {
  return (version.split('-')[0] ?? '').split('.').map(Number);
}

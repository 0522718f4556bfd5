import { belowFloor } from '../../process/version-floors.ts';
import { type Check, fault, type Machine, ok, warning } from '../check.ts';

type Versions = NonNullable<Parameters<typeof belowFloor>[0]>;

/** Whether what runs Castling is recent enough. */
export function versionsCheck(versions: Versions = process.versions): Check<Machine> {
  return {
    name: 'versions',
    run: ({ production }) => {
      const old = belowFloor(versions);
      if (old.length === 0) return [ok(`Node.js ${versions.node} is recent enough.`)];
      const judge = production ? fault : warning;
      return old.map(({ part, found, least, why }) =>
        judge(
          `${part} is ${found}, and ${least} is asked for: ${why}.`,
          `Install Node.js ${part === 'Node.js' ? `${least} or newer` : 'with it'}, and start Castling with that one.`,
        ),
      );
    },
  };
}

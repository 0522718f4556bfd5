import { createRequire } from 'node:module';

const require = createRequire(new URL('../peers/package.json', import.meta.url));

/** A module out of the peers' own folder, which is not there before `npm run bench:setup`. The caller says what it uses of it. */
export function peerModule<Module>(name: string): Module {
  return require(name) as Module;
}

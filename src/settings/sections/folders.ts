import { path } from '../keys/path.ts';
import { yesOrNo } from '../keys/plain.ts';

export const unsafeOldNode = yesOrNo({
  description:
    'Start in production (NODE_ENV=production) although Node.js is older than the version from which known flaws are mended. It is said at every start.',
  change: 'restart',
  default: false,
});

export const data = path({
  description: 'The folder of the databases.',
  change: 'restart',
  derived: 'data/ in a clone, else castling/ among the account’s application data',
  flag: '--data <dir>',
});

export const certs = path({
  description: 'The folder of the certificates and their keys.',
  change: 'restart',
  derived: 'certs/ in a clone, else certs/ in the data folder',
  flag: '--certs <dir>',
});

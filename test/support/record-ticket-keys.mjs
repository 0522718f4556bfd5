// Loaded before a process of a test, by `--import`: writes down every 48 random bytes that it draws, which is what the keys of
// session tickets are made of, so that a test can look for them where they must not be.
import crypto from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { randomBytes } = crypto;
const file = process.env.RECORD_TICKET_KEYS;
/** @param {[size: number, ...rest: unknown[]]} args */
const recording = (...args) => {
  const drawn = Reflect.apply(randomBytes, crypto, args);
  if (args[0] === 48 && file !== undefined) appendFileSync(file, `${drawn.toString('hex')}\n`);
  return drawn;
};
Object.assign(crypto, { randomBytes: recording });
syncBuiltinESMExports();

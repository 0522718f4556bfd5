import { randomBytes } from 'node:crypto';

/** Ids under which a player's report and the operator's log meet: `r_`, random per process, then a count. */
export function requestIds(prefix = randomBytes(4).toString('hex')): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `r_${prefix}${count.toString(36)}`;
  };
}

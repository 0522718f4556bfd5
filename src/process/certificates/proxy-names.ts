import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { OperatorError } from '../operator-error.ts';
import { altName } from './certificate-roles.ts';

/**
 * The names beside the fixed ones that the proxy's certificate must carry: this machine's own, where a certificate
 * can hold it, and those that the operator gave.
 *
 * @throws OperatorError `usage` for a given name that is neither a host name (RFC 1123 §2.1) nor an IP address.
 */
export function proxyNames(given: readonly string[] = [], host: string = hostname()): string[] {
  const wrong = given.find((name) => !isNameable(name));
  if (wrong !== undefined) {
    throw new OperatorError('usage', `“${wrong}” is neither a host name nor an IP address; correct --name.`);
  }
  const own = isNameable(host) ? [host] : [];
  return [...own, ...given].map((name) => altName(name).value);
}

function isNameable(name: string): boolean {
  return isIP(name) !== 0 || (name.length <= 253 && name.split('.').every((label) => LABEL.test(label)));
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

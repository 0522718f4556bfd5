import { filterFault } from './filter-fault.ts';
import { httpRouteFault } from './http-route-fault.ts';
import { routesFault } from './routes-fault.ts';
import type { Settings } from './schema.ts';

/** What must hold between keys. Each names one of them, where the mistake is told. */
interface Rule {
  readonly key: string;
  /** Says what is wrong and what to do; `undefined` when nothing is. */
  check(settings: Settings): string | undefined;
}

const rules: readonly Rule[] = [
  {
    key: 'auth.sessions.idleLifetime',
    check: ({ auth: { sessions } }) =>
      sessions.idleLifetime > sessions.lifetime
        ? 'a session cannot wait for longer than it lives; give at most auth.sessions.lifetime.'
        : undefined,
  },
  {
    key: 'auth.guessing.longestPause',
    check: ({ auth: { guessing } }) =>
      guessing.longestPause < guessing.firstPause
        ? 'the longest pause cannot be shorter than the first; give at least auth.guessing.firstPause.'
        : undefined,
  },
  {
    key: 'auth.guessing.mostTries',
    check: ({ auth: { guessing } }) =>
      guessing.mostTries < guessing.freeTries
        ? 'the end cannot come before the first pause; give at least auth.guessing.freeTries.'
        : undefined,
  },
  {
    key: 'auth.issuers',
    check: ({ auth: { issuers } }) => {
      const twice = firstTwice(issuers.map(({ issuer }) => issuer));
      return twice && `two entries are for ${twice}; give one.`;
    },
  },
  {
    key: 'slowness.request',
    check: ({ slowness }) =>
      slowness.request < slowness.header
        ? 'a whole request cannot be over before its header; give at least slowness.header.'
        : undefined,
  },
  {
    key: 'slowness.silence',
    check: ({ slowness }) =>
      slowness.silence <= slowness.pingAfter
        ? 'a quiet socket would be closed before it is asked; give more than slowness.pingAfter.'
        : undefined,
  },
  { key: 'filters', check: ({ filters, routes }) => filterFault(filters, routes) },
  { key: 'routes', check: routesFault },
  { key: 'routes', check: ({ routes }) => httpRouteFault(routes) },
  {
    key: 'proxy.trustedProxies',
    check: ({ proxy: { trustedProxies, proxyProtocol, forwardedField } }) =>
      trustedProxies.length === 0 && (proxyProtocol === 'required' || forwardedField !== 'none')
        ? 'somebody in front must be trusted for proxy.proxyProtocol and proxy.forwardedField; give their addresses.'
        : undefined,
  },
  {
    key: 'tls.certificates',
    check: ({ tls: { certificates, acme } }) =>
      certificates.length === 0 && acme.names.length === 0
        ? 'the player port needs a certificate; give one, or leave the key out.'
        : undefined,
  },
  {
    key: 'tls.acme.names',
    check: ({ tls: { acme, plainHttpPort } }) => {
      if (acme.names.length === 0) return undefined;
      if (!acme.termsAgreed)
        return 'read the terms of the certificate authority, and say tls.acme.termsAgreed: true.';
      return plainHttpPort === undefined
        ? 'the certificate authority asks over plain HTTP; give tls.plainHttpPort, and lead port 80 of these names to it.'
        : undefined;
    },
  },
];

export function brokenRules(settings: Settings): { readonly key: string; readonly message: string }[] {
  return rules.flatMap(({ key, check }) => {
    const message = check(settings);
    return message === undefined ? [] : [{ key, message }];
  });
}

function firstTwice(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}

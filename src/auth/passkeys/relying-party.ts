/** Whom passkeys are for (WebAuthn section 5.4.2): a browser hands one out to pages of this domain only. */
export interface RelyingParty {
  /** A domain: never an address, and without port. */
  readonly id: string;
  /** The one origin whose pages may use it, port included. */
  readonly origin: string;
}

/**
 * The relying party of a request, by its Host field; `undefined` where there are no passkeys. Whoever stands in between and
 * presents another name gets none made for that name.
 */
export type RelyingPartyOf = (host: string) => RelyingParty | undefined;

export interface RelyingPartyOptions {
  /** Whether this server is known by this name: its certificate is for it. */
  readonly isOurs: (name: string) => boolean;
  /** A domain that all names of this server are or end with, for one set of passkeys for all of them. */
  readonly domain?: string | undefined;
}

/** Passkeys for the name by which the page was reached, or for the domain above it. */
export function relyingParties({ isOurs, domain }: RelyingPartyOptions): RelyingPartyOf {
  return (host) => {
    const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
    if (!domainName.test(name) || !isOurs(name)) return undefined;
    // As browsers write it: without the usual port.
    const { origin } = new URL(`https://${host}`);
    if (domain === undefined) return { id: name, origin };
    return name === domain || name.endsWith(`.${domain}`) ? { id: domain, origin } : undefined;
  };
}

/** Labels whose last one is no number: what is left out looks like an IPv4 address (or is an IPv6 one, in brackets). */
const domainName =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?=[a-z0-9-]*[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

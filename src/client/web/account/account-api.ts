import type { HeldToken } from '../../access-token.ts';
import { AuthClient } from '../../auth-client.ts';
import { type Proof, WaysInClient } from '../../ways-in-client.ts';
import { pageHttp } from '../session/browser-auth.ts';
import type { BrowserSession } from '../session/browser-session.ts';
import { showPasskey } from '../session/web-authn.ts';

/** What the account screen asks the server, as whoever is signed in. */
export interface AccountApi {
  readonly session: BrowserSession;
  readonly auth: AuthClient;
  readonly waysIn: WaysInClient;
  /** @throws ClientError `signed_out`, … */
  access(): Promise<HeldToken>;
  /** Has a passkey show who is here. @throws PasskeyError; ClientError */
  proveByPasskey(): Promise<Proof>;
}

export function accountApi(session: BrowserSession): AccountApi {
  const waysIn = new WaysInClient(pageHttp);
  const access = async () => await session.accessToken();
  return {
    session,
    auth: new AuthClient(pageHttp),
    waysIn,
    access,
    proveByPasskey: async () => ({
      passkey: await showPasskey(await waysIn.proofOptions(await access())),
    }),
  };
}

import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../process/logger.ts';
import { type PlayerId, type Pseudonym, type RandomBytes, webRandomBytes } from '../protocol/ids.ts';
import type { Store } from '../store/index.ts';
import { Accounts } from './accounts.ts';
import { type AuthLimits, authLimits } from './auth-limits.ts';
import { ChangeFeed, type EndedSession } from './change-feed.ts';
import { DeviceGrants } from './device-flow/device-grants.ts';
import { DeviceSignIns } from './device-flow/device-sign-ins.ts';
import { ProofNonces } from './dpop/proof-nonces.ts';
import { Proofs, type ShownToken } from './dpop/proofs.ts';
import { SpentProofs } from './dpop/spent-proofs.ts';
import { GuessGuard } from './guessing/guess-guard.ts';
import { KnownDevices } from './guessing/known-devices.ts';
import { type GuestRules, Guests, guestRules } from './guests/guests.ts';
import { Visits } from './guests/visits.ts';
import { keepHouse } from './house-keeping.ts';
import { requireSession } from './http/require-session.ts';
import { type AuthRoutesOptions, authRoutes } from './http/routes.ts';
import { fetchJson } from './issuers/fetch-json.ts';
import { forgetDeletions } from './issuers/outside-deletions.ts';
import type { OutsideIssuer } from './issuers/outside-issuer.ts';
import { OutsidePlayers } from './issuers/outside-players.ts';
import { OutsideTokens } from './issuers/outside-tokens.ts';
import { KeyEncryption } from './key-encryption.ts';
import { Moderation } from './moderation.ts';
import { openAuthStore } from './open-auth-store.ts';
import { Ceremonies } from './passkeys/ceremonies.ts';
import { Challenges } from './passkeys/challenges.ts';
import { PasskeyAssertion } from './passkeys/passkey-assertion.ts';
import { PasskeyRegistration } from './passkeys/passkey-registration.ts';
import { Passkeys } from './passkeys/passkeys.ts';
import { type RelyingPartyOf, relyingParties } from './passkeys/relying-party.ts';
import { PasswordChanges } from './password-changes.ts';
import { calibratedCost } from './passwords/calibration.ts';
import { commonPasswords } from './passwords/common-passwords.ts';
import { HashQueue } from './passwords/hash-queue.ts';
import type { PasswordCost } from './passwords/password-cost.ts';
import { PasswordHasher } from './passwords/password-hasher.ts';
import { type CommonPasswords, passwordLengthFloor } from './passwords/password-policy.ts';
import { Pseudonyms, type ShownPlayer } from './pseudonyms.ts';
import { Reauthenticator } from './reauthenticator.ts';
import { RecoveryCodes } from './recovery/recovery-codes.ts';
import { type RouteUse, RouteUses } from './route-uses.ts';
import type { AuthSchema } from './schema.ts';
import { SecondFactor } from './second-factor/second-factor.ts';
import { SignInTickets } from './second-factor/sign-in-tickets.ts';
import { loadSecretKey } from './secret-key.ts';
import { Sessions } from './sessions.ts';
import { type Session, SignIns } from './sign-ins.ts';
import { AccessTokens } from './tokens/access-tokens.ts';
import { rotateKeysWhenDue } from './tokens/key-rotation.ts';
import {
  type Assertion,
  type IssuedToken,
  type RouteTokenHolder,
  type RouteTokenKind,
  RouteTokens,
} from './tokens/route-tokens.ts';
import { SigningKeys } from './tokens/signing-keys.ts';
import { WaysIn } from './ways-in.ts';

/** Accounts and sessions, as the rest of Castling sees them. */
export interface Auth {
  /**
   * A Fastify plugin: `POST /auth/register`, `/auth/login`, `/auth/refresh`, `/auth/logout`, `GET /auth/me`,
   * `GET /.well-known/jwks.json`. Errors are problem documents (RFC 9457).
   */
  readonly routes: FastifyPluginAsync<AuthRoutesOptions>;

  /**
   * Checks an access token in a fixed order (size, form, header, key, signature, claims), then that its session lives.
   * The store is asked every time, so a session that has ended is refused at once, by every process that shares the store.
   *
   * A token that is bound to a key of the client (RFC 9449) counts only with a proof of that key, which is then used up.
   *
   * @throws AuthError `token_*`, `invalid_dpop_proof`, `use_dpop_nonce`, `session_ended`; StoreError when the store fails
   */
  verifyAccessToken(shown: ShownToken): Promise<Session>;

  /**
   * The session of an HTTP request on a route of another part. `answerProblem` answers what this throws.
   *
   * @throws AuthError, StoreError as `verifyAccessToken`, and `token_missing`
   */
  requireSession(request: FastifyRequest, reply: FastifyReply): Promise<Session>;

  /**
   * Whether a verified session still counts. Whoever lets a session do something for longer than one request registers it where
   * `onSessionEnd` finds it, and asks this then: an end before that is seen here, an end after that is announced there.
   *
   * @throws AuthError `session_ended`; StoreError when the store fails
   */
  requireLive(session: Pick<Session, 'player' | 'session'>): Promise<void>;

  /**
   * Calls back for every session that ends before its time, whichever process ended it: at once for this one, within half
   * a second for the others. Gives the way to stop that.
   */
  onSessionEnd(listener: (end: EndedSession) => void): () => void;

  /**
   * Calls back for every player whom others see differently from now on (another name, no guest any more), at once or within
   * half a second. Gives the way to stop that.
   */
  onPlayerChanged(listener: (player: PlayerId) => void): () => void;

  /** Other rules for guests, from now on. */
  ruleGuests(rules: Partial<GuestRules>): void;

  /** Takes the tokens of these outside issuers, and of no others, from now on. */
  trustIssuers(issuers: readonly OutsideIssuer[]): void;

  /** Makes a token of a session for one route beside the game. */
  issueRouteToken(kind: RouteTokenKind, holder: RouteTokenHolder): Promise<IssuedToken>;

  /**
   * Checks such a token as `verifyAccessToken` checks those, and its kind and route.
   *
   * @throws AuthError `token_*`, `session_ended`; StoreError when the store fails
   */
  verifyRouteToken(
    kind: RouteTokenKind,
    shown: { readonly route: string; readonly token: string },
  ): Promise<Session>;

  /** Signs what the upstream of a route may know of who asks: for a minute, and for that route alone. */
  assert(assertion: Assertion): Promise<IssuedToken>;

  /** The pseudonym of a player for one realm of backends: stable, and different in every realm. */
  pseudonymOf(player: PlayerId, realm: string): Promise<Pseudonym>;

  /** What others see of the player behind a pseudonym of that realm; `undefined` when it is nobody's. */
  shownAs(pseudonym: Pseudonym, realm: string): Promise<ShownPlayer | undefined>;

  /** Adds to what players have used of routes. Those who are gone are left out. @throws StoreError: then nothing is said to be kept */
  recordRouteUses(uses: readonly RouteUse[]): Promise<void>;

  /** Other limits from now on. Sessions and tokens that there are keep what they were promised. */
  limit(limits: AuthLimits): void;

  /** False when the store cannot be read; for readiness. */
  healthy(): Promise<boolean>;

  close(): Promise<void>;
}

export interface AuthOptions {
  /** `sqlite:PATH`. */
  readonly storeUrl: string;
  /** The `iss` of access tokens: an https URL that names this installation. */
  readonly issuer: string;
  /** The `aud` of access tokens. */
  readonly audience: string;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly randomBytes?: RandomBytes;
  /** 32 bytes or more, from a file: encrypts the keys in the store. */
  readonly keyEncryptionSecret?: Uint8Array;
  readonly passwords?: PasswordOptions;
  /** Seconds, 600 at most. */
  readonly accessTokenSeconds?: number;
  readonly guests?: Partial<GuestRules>;
  /** Others whose tokens count here. */
  readonly issuers?: readonly OutsideIssuer[];
  /** Whom passkeys are for, by the name under which a page was reached. Default: `localhost` alone. */
  readonly relyingPartyOf?: RelyingPartyOf;
  /** Where they differ from `authLimits`. */
  readonly limits?: { readonly [Part in keyof AuthLimits]?: Partial<AuthLimits[Part]> };
}

interface PasswordOptions {
  /** Fixes the cost of a hash instead of measuring; below the floor only in tests. */
  readonly cost?: PasswordCost;
  /** Shows how much hashing goes on, in place of a queue made by the limits. */
  readonly queue?: HashQueue;
  readonly common?: CommonPasswords;
}

const accessTokenSecondsMost = 600;

/**
 * Opens the auth store, makes keys in a new one, and measures what a password hash may cost. Takes up to a second the first
 * time.
 *
 * @throws StoreError; RangeError for an option out of its bounds
 */
export async function createAuth(options: AuthOptions): Promise<Auth> {
  const { clock = Date.now, randomBytes = webRandomBytes, passwords = {}, logger } = options;
  const lifetimeSeconds = options.accessTokenSeconds ?? accessTokenSecondsMost;
  requireWithin('accessTokenSeconds', lifetimeSeconds, { least: 1, most: accessTokenSecondsMost });
  // The parts read these objects at each use, so that `limit` need only change what is in them.
  const limits = {
    sessions: { ...authLimits.sessions, ...options.limits?.sessions },
    guesses: { ...authLimits.guesses, ...options.limits?.guesses },
    hashing: { ...authLimits.hashing, ...options.limits?.hashing },
    policy: {
      ...authLimits.passwords,
      ...options.limits?.passwords,
      common: passwords.common ?? commonPasswords,
    },
  };
  const { policy } = limits;
  const bounds = { least: passwordLengthFloor, most: 128 };
  requireWithin('limits.passwords.minimumLength', policy.minimumLength, bounds);

  const store = await openAuthStore(options.storeUrl);
  let changes: ChangeFeed | undefined;
  try {
    const feed = await ChangeFeed.open({ store, logger, clock, randomBytes });
    changes = feed;
    const encryption = new KeyEncryption(options.keyEncryptionSecret);
    await rotateKeysWhenDue(store, { clock, encryption });
    const keys = await SigningKeys.load({ store, clock, encryption });
    feed.onKeysChanged(() => {
      keys.reload().then(
        () => logger.info('signing keys read anew'),
        (error: unknown) => logger.error({ err: error }, 'changed signing keys could not be read'),
      );
    });
    const pseudonyms = await Pseudonyms.load(store, { clock, randomBytes, encryption });
    const cost = passwords.cost ?? (await calibratedCost(store, { clock }));
    const queue = passwords.queue ?? new HashQueue(limits.hashing);
    const hasher = await PasswordHasher.create({ cost, queue, randomBytes });
    const codes = new RecoveryCodes({ randomBytes });
    const accounts = new Accounts({ store, hasher, codes, clock, randomBytes, policy });
    const onEnd = async (): Promise<void> => await feed.read();
    let guestsMay: GuestRules = { ...guestRules, ...options.guests };
    const sessions = new Sessions({
      store,
      clock,
      randomBytes,
      limits: limits.sessions,
      guestSeconds: () => guestsMay.keptSeconds,
      onEnd,
    });
    const { issuer, audience } = options;
    const tokens = new AccessTokens({ keys, issuer, audience, lifetimeSeconds, clock, randomBytes });
    const guessingKey = await loadSecretKey(store, { purpose: 'guessing', clock, randomBytes, encryption });
    const routeTokens = new RouteTokens({ keys, issuer, clock, randomBytes });
    const guard = new GuessGuard({
      store,
      limits: limits.guesses,
      key: guessingKey,
      clock,
      logger,
    });
    const spent = new SpentProofs({ clock });
    const nonces = new ProofNonces({
      key: await loadSecretKey(store, { purpose: 'proof-nonce', clock, randomBytes, encryption }),
      clock,
    });
    const outsideTokens = new OutsideTokens({
      fetchJsonFor: (issuer) => async (url) => await fetchJson(url, issuer),
      clock,
      logger,
    });
    outsideTokens.trust(options.issuers ?? []);
    const devices = new KnownDevices({ store, clock, randomBytes });
    const secondFactor = new SecondFactor({ store, codes, guard, encryption, clock, randomBytes });
    const tickets = new SignInTickets({ store, clock, randomBytes });
    const changesOfPassword = new PasswordChanges({
      store,
      hasher,
      policy,
      codes,
      secondFactor,
      clock,
      onEnd,
    });
    const deviceGrants = new DeviceGrants({ store, key: guessingKey, clock, randomBytes });
    const challenges = new Challenges({ store, key: guessingKey, clock, randomBytes });
    const ceremonies = new Ceremonies({
      challenges,
      relyingPartyOf: options.relyingPartyOf ?? relyingParties({ isOurs: (name) => name === 'localhost' }),
    });
    const assertion = new PasskeyAssertion({ store, ceremonies, key: guessingKey, clock });
    const reauthenticator = new Reauthenticator({
      passwords: changesOfPassword,
      secondFactor,
      assertion,
      guard,
    });
    const signIns = new SignIns({
      store,
      moderation: new Moderation({ store, codes, clock, actor: 'player', onEnd }),
      accounts,
      reauthenticator,
      secondFactor,
      tickets,
      assertion,
      guard,
      devices,
      passwords: changesOfPassword,
      sessions,
      tokens,
      proofs: new Proofs({ nonces, spent, clock }),
      outsideTokens,
      outsidePlayers: new OutsidePlayers({ store, sessions, clock, randomBytes }),
      keys,
      clock,
    });
    const waysIn = new WaysIn({
      store,
      signIns,
      reauthenticator,
      passwords: changesOfPassword,
      codes,
      secondFactor,
      registration: new PasskeyRegistration({ store, ceremonies, clock }),
      assertion,
      passkeys: new Passkeys({ store, clock }),
    });
    const guests = new Guests({
      store,
      hasher,
      policy,
      codes,
      clock,
      randomBytes,
      key: guessingKey,
      rules: () => guestsMay,
      onChange: onEnd,
      logger,
    });
    const routeUses = new RouteUses({ store, clock });
    const stopHousekeeping = keepHouse(
      [
        async () => await rotateKeysWhenDue(store, { clock, encryption }),
        async () => await feed.forgetOld(),
        async () => await guard.forgetOld(),
        async () => await tickets.forgetOld(),
        async () => await challenges.forgetOld(),
        async () => await deviceGrants.forgetOld(),
        async () => await spent.forgetOld(store.db),
        async () => await guests.sweepAll(),
        async () => await forgetDeletions(store.db, clock()),
        async () => await sessions.forgetOld(),
        async () => await routeUses.forgetOld(),
        // After all that deletes.
        async () => await store.purge(),
      ],
      logger,
    );
    logger.info({ memoryKib: cost.memoryKib, passes: cost.passes }, 'accounts are ready');

    return {
      routes: authRoutes({
        signIns,
        waysIn,
        deviceSignIns: new DeviceSignIns({ grants: deviceGrants, signIns, reauthenticator, guard }),
        visits: new Visits({ signIns, guests, devices }),
      }),
      verifyAccessToken: async (shown) => await signIns.verify(shown),
      requireSession: async (request, reply) => await requireSession(request, reply, signIns),
      requireLive: async (session) => await signIns.requireLive(session),
      issueRouteToken: async (kind, holder) => await routeTokens.issue(kind, holder),
      verifyRouteToken: async (kind, shown) => {
        const { player, session, expiresAt } = await routeTokens.verify(kind, shown);
        const { name, isGuest } = await sessions.requireLive({ player, session });
        return { player, name, session, expiresAt, ...(isGuest && { guest: true as const }) };
      },
      assert: async (assertion) => await routeTokens.assert(assertion),
      onSessionEnd: (listener) => feed.onSessionEnd(listener),
      onPlayerChanged: (listener) => feed.onPlayerChanged(listener),
      ruleGuests: (rules) => {
        guestsMay = { ...guestsMay, ...rules };
      },
      trustIssuers: (issuers) => outsideTokens.trust(issuers),
      pseudonymOf: async (player, realm) => await pseudonyms.of(player, realm),
      shownAs: async (pseudonym, realm) => await pseudonyms.shownAs(pseudonym, realm),
      recordRouteUses: async (uses) => await routeUses.add(uses),
      limit: (next) => {
        Object.assign(limits.sessions, next.sessions);
        Object.assign(limits.guesses, next.guesses);
        Object.assign(limits.hashing, next.hashing);
        Object.assign(policy, next.passwords);
      },
      healthy: async () => await canRead(store),
      close: async () => {
        stopHousekeeping();
        feed.close();
        await store.close();
      },
    };
  } catch (error) {
    changes?.close();
    await store.close();
    throw error;
  }
}

async function canRead(store: Store<AuthSchema>): Promise<boolean> {
  try {
    await store.db.selectFrom('signing_keys').select('kid').limit(1).execute();
    return true;
  } catch {
    return false;
  }
}

function requireWithin(
  name: string,
  value: number,
  { least, most }: { readonly least: number; readonly most: number },
): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}.`);
  }
}

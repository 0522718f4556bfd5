/**
 * The HTTP interface of accounts and sessions as schemas: types, validators and the OpenAPI document are made from these.
 * Unknown members are refused, not dropped. Token answers use the names of OAuth 2.0 (RFC 6749 section 5.1).
 */
import Type, { type Static, type TSchema } from 'typebox';
import { idPatterns } from '../protocol/ids.ts';
import { AuthenticationResponse, RegistrationResponse } from './passkeys/passkey-schemas.ts';
import { opaqueTokenPattern } from './tokens/opaque-token.ts';

const strict = { additionalProperties: false } as const;

/** Rough bounds in UTF-16 units; the exact rules for names and passwords give better reasons than a schema can. */
const Name = Type.String({ maxLength: 256, description: 'As typed; case and width do not matter.' });
const Password = Type.String({ maxLength: 1024 });
/** Of what a player calls something. */
const labelBounds = {
  minLength: 1,
  maxLength: 64,
  pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]*$',
};
const Device = Type.String({
  ...labelBounds,
  description: 'What to call this device in the list of sign-ins.',
});
const DeviceToken = Type.String({
  pattern: opaqueTokenPattern('device'),
  description: 'Says that this device has signed in to the account before; opens nothing.',
});
const PlayerId = Type.String({ pattern: idPatterns.player });
const SessionId = Type.String({ pattern: idPatterns.session });
const Guest = Type.Optional(
  Type.Literal(true, { description: 'A player without a password; absent for everybody else.' }),
);

export const CredentialsBody = Type.Object(
  {
    name: Name,
    password: Password,
    device: Type.Optional(Device),
    device_token: Type.Optional(DeviceToken),
  },
  strict,
);
export type CredentialsBody = Static<typeof CredentialsBody>;

/** Without a name, one is found. */
export const GuestBody = Type.Object({ name: Type.Optional(Name), device: Type.Optional(Device) }, strict);
export type GuestBody = Static<typeof GuestBody>;

export const UpgradeBody = Type.Object(
  { name: Name, password: Password, device_token: Type.Optional(DeviceToken) },
  strict,
);
export type UpgradeBody = Static<typeof UpgradeBody>;

export const RefreshBody = Type.Object(
  { refresh_token: Type.String({ pattern: opaqueTokenPattern('refresh') }) },
  strict,
);
export type RefreshBody = Static<typeof RefreshBody>;

/** From a page, whose refresh token comes in a cookie. */
export const BrowserRefreshBody = Type.Object({}, strict);
export type BrowserRefreshBody = Static<typeof BrowserRefreshBody>;

const SecondFactorCode = Type.String({
  maxLength: 64,
  description: 'What the authenticator app shows, or a recovery code.',
});

/**
 * What changes an account asks again who it is; being signed in is not enough (ASVS 7.5.1). It takes the password, and the code
 * where a second factor is on; or a passkey.
 */
const reauthentication = {
  current_password: Type.Optional(Password),
  code: Type.Optional(SecondFactorCode),
  passkey: Type.Optional(AuthenticationResponse),
};
export const ReauthenticationBody = Type.Object(reauthentication, strict);
export type Reauthentication = Static<typeof ReauthenticationBody>;

export const PasswordBody = Type.Object({ ...reauthentication, new_password: Password }, strict);
export type PasswordBody = Static<typeof PasswordBody>;

export const PasskeyOptionsBody = Type.Object(
  {
    name: Type.Optional({
      ...Name,
      description: 'Whose passkeys to ask for; left out, the browser offers what it has for this server.',
    }),
  },
  strict,
);
export type PasskeyOptionsBody = Static<typeof PasskeyOptionsBody>;

export const PasskeyLoginBody = Type.Object(
  {
    passkey: AuthenticationResponse,
    device: Type.Optional(Device),
    device_token: Type.Optional(DeviceToken),
  },
  strict,
);
export type PasskeyLoginBody = Static<typeof PasskeyLoginBody>;

const PasskeyName = Type.String({ ...labelBounds, description: 'What to call this passkey in the list.' });

export const PasskeyAddBody = Type.Object({ name: PasskeyName, passkey: RegistrationResponse }, strict);
export type PasskeyAddBody = Static<typeof PasskeyAddBody>;

export const PasskeyNameBody = Type.Object({ name: PasskeyName }, strict);
export type PasskeyNameBody = Static<typeof PasskeyNameBody>;

export const PasskeyParams = Type.Object({ id: Type.String({ pattern: '^k_[A-Za-z0-9_-]{22}$' }) }, strict);
export type PasskeyParams = Static<typeof PasskeyParams>;

export const DeviceBody = Type.Object({ device: Type.Optional(Device) }, strict);
export type DeviceBody = Static<typeof DeviceBody>;

/** RFC 8628 section 3.2. */
export const DeviceStartedAnswer = Type.Object(
  {
    device_code: Type.String({ description: 'For the terminal alone.' }),
    user_code: Type.String({ description: 'To be shown, and typed or confirmed in the browser.' }),
    verification_uri: Type.String(),
    verification_uri_complete: Type.String({
      description: 'The same with the code, for a link or a QR code.',
    }),
    expires_in: Type.Integer({ description: 'Seconds.' }),
    interval: Type.Integer({ description: 'Seconds between two questions.' }),
  },
  strict,
);
export type DeviceStartedAnswer = Static<typeof DeviceStartedAnswer>;

export const DeviceTokenBody = Type.Object(
  {
    device_code: Type.String({ pattern: opaqueTokenPattern('deviceCode') }),
    device_token: Type.Optional(DeviceToken),
  },
  strict,
);
export type DeviceTokenBody = Static<typeof DeviceTokenBody>;

const UserCode = Type.String({ maxLength: 32, description: 'As typed; case and dashes do not matter.' });

export const UserCodeBody = Type.Object({ user_code: UserCode }, strict);
export type UserCodeBody = Static<typeof UserCodeBody>;

export const DeviceApproveBody = Type.Object({ user_code: UserCode, ...reauthentication }, strict);
export type DeviceApproveBody = Static<typeof DeviceApproveBody>;

/** The second half of a sign-in whose password was right. */
export const SecondFactorBody = Type.Object(
  {
    ticket: Type.String({
      pattern: opaqueTokenPattern('signIn'),
      description: 'From the answer `second_factor_needed` to the first half.',
    }),
    code: SecondFactorCode,
    device: Type.Optional(Device),
    device_token: Type.Optional(DeviceToken),
  },
  strict,
);
export type SecondFactorBody = Static<typeof SecondFactorBody>;

export const TotpConfirmBody = Type.Object({ code: SecondFactorCode }, strict);
export type TotpConfirmBody = Static<typeof TotpConfirmBody>;

export const TotpAnswer = Type.Object(
  {
    secret: Type.String({ description: 'Base32, for typing it into an app. Not shown again.' }),
    uri: Type.String({ description: 'The same as an otpauth URI, for a QR code.' }),
  },
  strict,
);
export type TotpAnswer = Static<typeof TotpAnswer>;

export const SecondFactorAnswer = Type.Object(
  {
    totp: Type.Boolean({ description: 'Whether signing in with the password takes a code, too.' }),
    recoveryCodes: Type.Integer({ minimum: 0, description: 'How many are still good.' }),
  },
  strict,
);
export type SecondFactorAnswer = Static<typeof SecondFactorAnswer>;

export const RecoverBody = Type.Object(
  {
    name: Name,
    recovery_code: Type.String({ maxLength: 64 }),
    new_password: Password,
    code: Type.Optional(SecondFactorCode),
    device: Type.Optional(Device),
    device_token: Type.Optional(DeviceToken),
  },
  strict,
);
export type RecoverBody = Static<typeof RecoverBody>;

export const RecoveryCodesAnswer = Type.Object({ recovery_codes: Type.Array(Type.String()) }, strict);
export type RecoveryCodesAnswer = Static<typeof RecoveryCodesAnswer>;

export const LogoutQuery = Type.Object(
  {
    scope: Type.Optional(Type.Union([Type.Literal('local'), Type.Literal('others'), Type.Literal('global')])),
  },
  strict,
);
export type LogoutQuery = Static<typeof LogoutQuery>;

export const NoQuery = Type.Object({}, strict);

export const TokenAnswer = Type.Object(
  {
    token_type: Type.Union([Type.Literal('Bearer'), Type.Literal('DPoP')], {
      description: 'DPoP: bound to the key that the request proved; of no use without it (RFC 9449).',
    }),
    access_token: Type.String(),
    expires_in: Type.Integer({ minimum: 0, description: 'Seconds.' }),
    refresh_token: Type.String(),
    refresh_expires_in: Type.Integer({ minimum: 0, description: 'Seconds.' }),
    player: PlayerId,
    name: Type.String(),
    session: SessionId,
    guest: Guest,
    recovery_codes: Type.Optional(
      Type.Array(Type.String(), { description: 'After registering: to be written down, not shown again.' }),
    ),
    device_token: Type.Optional(
      Type.String({ description: 'On a device not known before: to be kept, also after signing out.' }),
    ),
    recovery_codes_left: Type.Optional(
      Type.Integer({ minimum: 0, description: 'After recovering: how many codes are still good.' }),
    ),
    passkeys_removed: Type.Optional(
      Type.Integer({ minimum: 0, description: 'After recovering: how many passkeys were taken away.' }),
    ),
  },
  strict,
);
export type TokenAnswer = Static<typeof TokenAnswer>;

/** The session, and every token of it, goes on. */
export const UpgradeAnswer = Type.Object(
  {
    player: PlayerId,
    name: Type.String(),
    session: SessionId,
    recovery_codes: Type.Array(Type.String(), { description: 'To be written down, not shown again.' }),
    device_token: Type.Optional(Type.String()),
  },
  strict,
);
export type UpgradeAnswer = Static<typeof UpgradeAnswer>;

/** What a page gets: its refresh token is in a cookie. */
export const BrowserTokenAnswer = Type.Omit(
  TokenAnswer,
  ['refresh_token', 'refresh_expires_in', 'device_token'],
  strict,
);
export type BrowserTokenAnswer = Static<typeof BrowserTokenAnswer>;

/** To a program, or to a page. */
export const AnyTokenAnswer = Type.Union([TokenAnswer, BrowserTokenAnswer]);

export const MeAnswer = Type.Object(
  {
    player: PlayerId,
    name: Type.String(),
    session: SessionId,
    guest: Guest,
    createdAt: Type.Integer({ minimum: 0, description: 'Unix milliseconds.' }),
  },
  strict,
);
export type MeAnswer = Static<typeof MeAnswer>;

export const SessionParams = Type.Object({ id: SessionId }, strict);
export type SessionParams = Static<typeof SessionParams>;

const Moment = Type.Integer({ minimum: 0, description: 'Unix milliseconds.' });
const Nullable = <Kind extends TSchema>(kind: Kind) => Type.Union([kind, Type.Null()]);

export const SessionsAnswer = Type.Object(
  {
    sessions: Type.Array(
      Type.Object(
        {
          session: SessionId,
          current: Type.Boolean({ description: 'The one that asks.' }),
          device: Nullable(Type.String()),
          address: Nullable(Type.String({ description: 'Where it was last heard of.' })),
          createdAt: Moment,
          lastSeenAt: Moment,
          expiresAt: Moment,
        },
        strict,
      ),
    ),
  },
  strict,
);
export type SessionsAnswer = Static<typeof SessionsAnswer>;

export const WaitingTerminalAnswer = Type.Object(
  {
    device: Nullable(Type.String()),
    userAgent: Nullable(
      Type.String({ description: 'What its program says it is; anybody may say anything.' }),
    ),
    address: Type.String(),
    isNear: Type.Boolean({ description: 'Whether you are in the same network.' }),
    askedAt: Moment,
    expiresAt: Moment,
  },
  strict,
);
export type WaitingTerminalAnswer = Static<typeof WaitingTerminalAnswer>;

export const ListedPasskey = Type.Object(
  {
    passkey: Type.String(),
    name: Type.String(),
    domain: Type.String({ description: 'Whose pages can use it.' }),
    synced: Type.Boolean({ description: 'Whether it is copied to your other devices.' }),
    createdAt: Moment,
    lastUsedAt: Nullable(Moment),
    suspectedAt: Nullable(Moment),
  },
  strict,
);

export const PasskeysAnswer = Type.Object({ passkeys: Type.Array(ListedPasskey) }, strict);
export type PasskeysAnswer = Static<typeof PasskeysAnswer>;

export const ExportAnswer = Type.Object(
  {
    player: PlayerId,
    name: Type.String(),
    createdAt: Moment,
    bannedAt: Nullable(Moment),
    bannedUntil: Nullable(Moment),
    sessions: Type.Array(
      Type.Object(
        {
          session: SessionId,
          device: Nullable(Type.String()),
          address: Nullable(Type.String()),
          createdAt: Moment,
          lastSeenAt: Moment,
          expiresAt: Moment,
          endedAt: Nullable(Moment),
          endedBecause: Nullable(Type.String()),
        },
        strict,
      ),
    ),
    pseudonyms: Type.Array(Type.Object({ realm: Type.String(), pseudonym: Type.String() }, strict)),
    history: Type.Array(Type.Object({ at: Moment, action: Type.String(), detail: Type.String() }, strict)),
    recoveryCodes: Type.Integer({ minimum: 0, description: 'How many are still good.' }),
    passkeys: Type.Array(ListedPasskey),
    totp: Nullable(
      Type.Object(
        { createdAt: Moment, confirmedAt: Nullable(Moment) },
        { ...strict, description: 'An authenticator app.' },
      ),
    ),
    isGuest: Type.Boolean({ description: 'Has not chosen a password.' }),
    outsideIdentity: Nullable(Type.Object({ issuer: Type.String(), subject: Type.String() }, strict)),
    knownDevices: Type.Array(Moment, { description: 'When each was last used to sign in.' }),
    routeUses: Type.Array(
      Type.Object(
        {
          route: Type.String(),
          day: Type.String({ description: 'Year, month and day, UTC.' }),
          connections: Type.Integer(),
          bytesUp: Type.Integer(),
          bytesDown: Type.Integer(),
          seconds: Type.Integer(),
        },
        strict,
      ),
      { description: 'What went through tunnels.' },
    ),
  },
  strict,
);
export type ExportAnswer = Static<typeof ExportAnswer>;

export const JwksAnswer = Type.Object(
  {
    keys: Type.Array(
      Type.Object(
        {
          kty: Type.String(),
          crv: Type.String(),
          x: Type.String(),
          y: Type.Optional(Type.String()),
          kid: Type.String(),
          alg: Type.String(),
          use: Type.Literal('sig'),
        },
        strict,
      ),
    ),
  },
  strict,
);

/** RFC 9457, with our code, the rule that refused where one did, and the id to quote when asking for help. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String(),
    rule: Type.Optional(Type.String()),
    requestId: Type.String(),
    ticket: Type.Optional(
      Type.String({ description: 'Of `second_factor_needed`: to be sent with the code.' }),
    ),
    expires_in: Type.Optional(Type.Integer({ description: 'Seconds for which the ticket is good.' })),
  },
  strict,
);
export type Problem = Static<typeof Problem>;

/** What every route may answer besides its own. */
export const problemAnswers = { '4xx': Problem, '5xx': Problem };

/**
 * What browsers and the account service say to each other about passkeys: the JSON forms of WebAuthn section 5.1.8 and 5.1.9,
 * as `parseRequestOptionsFromJSON` takes them and `toJSON` gives them. Members that a later browser adds pass, and are not read.
 */
import Type, { type Static } from 'typebox';

const open = { additionalProperties: true } as const;

/** Base64url; the longest hold a public key and what comes with it. */
const Bytes = Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: 8192 });
const CredentialId = Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 1364 });

const credential = { id: CredentialId, rawId: CredentialId, type: Type.Literal('public-key') };
const extensions = { clientExtensionResults: Type.Optional(Type.Object({}, open)) };

export const RegistrationResponse = Type.Object(
  {
    ...credential,
    response: Type.Object({ clientDataJSON: Bytes, attestationObject: Bytes }, open),
    ...extensions,
  },
  { ...open, description: 'PublicKeyCredential.toJSON() of what navigator.credentials.create() gave.' },
);
export type RegistrationResponse = Static<typeof RegistrationResponse>;

export const AuthenticationResponse = Type.Object(
  {
    ...credential,
    response: Type.Object(
      {
        clientDataJSON: Bytes,
        authenticatorData: Bytes,
        signature: Bytes,
        userHandle: Type.Optional(Type.Union([Bytes, Type.Null()])),
      },
      open,
    ),
    ...extensions,
  },
  { ...open, description: 'PublicKeyCredential.toJSON() of what navigator.credentials.get() gave.' },
);
export type AuthenticationResponse = Static<typeof AuthenticationResponse>;

const CredentialDescriptor = Type.Object({ id: Type.String(), type: Type.Literal('public-key') });

export const CreationOptions = Type.Object(
  {
    rp: Type.Object({ id: Type.String(), name: Type.String() }),
    user: Type.Object({ id: Type.String(), name: Type.String(), displayName: Type.String() }),
    challenge: Type.String(),
    pubKeyCredParams: Type.Array(Type.Object({ type: Type.Literal('public-key'), alg: Type.Integer() })),
    timeout: Type.Integer({ description: 'Milliseconds.' }),
    excludeCredentials: Type.Array(CredentialDescriptor),
    authenticatorSelection: Type.Object({
      residentKey: Type.Literal('required'),
      requireResidentKey: Type.Literal(true),
      userVerification: Type.Literal('required'),
    }),
    attestation: Type.Literal('none'),
  },
  { description: 'For PublicKeyCredential.parseCreationOptionsFromJSON().' },
);
export type CreationOptions = Static<typeof CreationOptions>;

export const RequestOptions = Type.Object(
  {
    challenge: Type.String(),
    timeout: Type.Integer({ description: 'Milliseconds.' }),
    rpId: Type.String(),
    allowCredentials: Type.Array(CredentialDescriptor),
    userVerification: Type.Literal('required'),
  },
  { description: 'For PublicKeyCredential.parseRequestOptionsFromJSON().' },
);
export type RequestOptions = Static<typeof RequestOptions>;

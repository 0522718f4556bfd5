import { Type } from 'typebox';
import { duration } from '../keys/duration.ts';
import { listOf, section } from '../keys/groups.ts';
import { path } from '../keys/path.ts';
import { choice, text, yesOrNo } from '../keys/plain.ts';

const httpsUrl = '^https://[^\\s/?#@]+(/[^\\s?#@]*)?$';

export const issuers = listOf(
  section('An OpenID Connect provider.', {
    issuer: text({
      description: 'What its tokens have as iss, letter for letter.',
      expected: 'an https URL, such as https://login.example.org/realms/club',
      most: 1_000,
      pattern: httpsUrl,
    }),
    audience: text({
      description:
        'What those of its tokens that are meant for this server have as aud, and as the only one: the client id that the provider knows this server by.',
      expected: 'a text without control characters',
      most: 255,
    }),
    jwks: Type.Optional(
      text({
        description: 'Where its keys are; left out, its discovery document says it.',
        expected: 'an https URL',
        most: 1_000,
        pattern: httpsUrl,
      }),
    ),
    nameClaim: text({
      description: 'The claim from which a name is made when a player comes for the first time.',
      default: 'preferred_username',
      expected: 'the name of a claim',
      most: 128,
    }),
    algorithms: listOf(choice(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'], {}), {
      description: 'What its tokens may be signed with.',
      change: 'live',
      default: ['RS256', 'ES256', 'EdDSA'],
      most: 5,
      of: 'algorithms',
    }),
    longestTokenLifetime: duration({
      description: 'A token that claims to live for longer is refused.',
      default: '1d',
      least: '1m',
      most: '7d',
    }),
    ca: Type.Optional(
      path({ description: 'The CA (PEM) of its certificate, where no public one has signed it.' }),
    ),
    unsafeAllowPrivateAddresses: yesOrNo({
      description:
        'Also ask it at loopback, private and link-local addresses: for a provider in the same building. Whoever can change its discovery document or its name in the DNS can then make this server connect to others in there.',
      default: false,
    }),
  }),
  {
    description:
      'Others who say who players are. Their tokens count like our own; sessions, bans and sign-outs here govern them all the same. One that is taken out is not believed from then on; sockets that are open stay until their token ends, or until castling admin sessions revoke.',
    change: 'live',
    default: [],
    most: 16,
    of: 'issuers',
  },
);

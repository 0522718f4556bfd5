import { Type } from 'typebox';
import { addressRange } from '../keys/address-range.ts';
import { listOf, section } from '../keys/groups.ts';
import { choice, text } from '../keys/plain.ts';

/** A message by its method, with `match.*` for all of a family; an HTTP request by its method (or `*`) and its path. */
const kindPattern = '^(\\*|[a-z]+\\.(\\*|[A-Za-z]+)|(\\*|[A-Z]+) /\\S*)$';

/** Where a request goes. Routes that the operator adds have the names that they were given. */
export const ownRoutes = ['game', 'accounts', 'api', 'page'] as const;

const rule = section('One rule. Of what it names, all must fit; of each list, one entry.', {
  id: text({
    description: 'The name under which refusals, counts and logs speak of it.',
    expected: 'a name of small letters, digits and -',
    most: 64,
    pattern: '^[a-z][a-z0-9-]*$',
  }),
  action: choice(['allow', 'deny', 'shadow'], {
    description:
      'allow lets pass, and no later rule is asked; deny refuses; shadow counts what deny would refuse, and the next rule is asked.',
  }),
  addresses: Type.Optional(
    listOf(addressRange(), {
      description: 'Where the client is.',
      change: 'live',
      most: 10_000,
      of: 'addresses and ranges',
    }),
  ),
  routes: Type.Optional(
    listOf(text({ expected: 'the name of a route', most: 64 }), {
      description: `Where the request goes: ${ownRoutes.join(', ')}.`,
      change: 'live',
      most: 64,
      of: 'routes',
    }),
  ),
  kinds: Type.Optional(
    listOf(
      text({
        expected: 'a method such as match.move or match.*, or a request such as POST /auth/login or * /api/*',
        most: 200,
        pattern: kindPattern,
      }),
      {
        description: 'What is asked: the method of a message, or the method and path of an HTTP request.',
        change: 'live',
        most: 64,
        of: 'kinds',
      },
    ),
  ),
  origins: Type.Optional(
    listOf(
      text({
        expected: 'an origin as browsers write it, or none for programs, which send no origin',
        most: 300,
        pattern: '^(none|null|https?://[^/?#@\\s]+)$',
      }),
      {
        description: 'The web page that asks; none stands for what no page asks.',
        change: 'live',
        most: 64,
        of: 'origins',
      },
    ),
  ),
});

export const filters = listOf(rule, {
  description:
    'Rules that let pass or refuse; the first one that fits decides, and what none fits passes. A connection, a request, an upgrade and each message are asked about as soon as enough is known.',
  change: 'live',
  default: [],
  most: 256,
  of: 'rules',
});

import type { Bench } from './harness/bench.ts';
import { loginsAndBareHashing } from './subjects/logins.ts';

export default {
  name: 'logins',
  question:
    'How many sign-ins a second does Castling serve, beside what argon2 alone can do with the same cost?',
  operation: 'sign-in',
  notes: ['8 clients over HTTPS; two passwords are hashed at once, on both sides.'],
  ...loginsAndBareHashing(),
  targets: [{ figure: 'perSecond', peer: 'argon2', least: 0.9 }],
} satisfies Bench;

import commonList from 'fxa-common-password-list';
import type { CommonPasswords } from './password-policy.ts';

/**
 * The 50,000 passwords of 8 characters or more that were found most often in breaches. The list is part of the installation:
 * no password is ever asked about anywhere else. A look takes about 50 µs.
 */
export const commonPasswords: CommonPasswords = { has: (password) => commonList.test(password) };

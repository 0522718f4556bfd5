import { printable } from '../../process/printable.ts';

/** Recovery codes as a person writes them down. They are shown this once. */
export function recoveryCodesText(codes: readonly string[]): string {
  const lines = codes.map((code) => `  ${printable(code)}`).join('\n');
  return `Write these recovery codes down; they are not shown again. Each works once:
with \`castling recover\` it lets you choose a new password, and at sign-in it
stands in for the code of an authenticator app.

${lines}
`;
}

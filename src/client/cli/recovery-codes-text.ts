import { printable } from '../../process/printable.ts';

/** Recovery codes as a person writes them down. They are shown this once. */
export function recoveryCodesText(codes: readonly string[]): string {
  const lines = codes.map((code) => `  ${printable(code)}`).join('\n');
  return `Write these recovery codes down; they are not shown again. Should you forget the password, each of them lets you
choose a new one, once, with \`castling recover\`; and each stands in once for the code of an authenticator app:

${lines}
`;
}

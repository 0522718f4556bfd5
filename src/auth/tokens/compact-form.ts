/**
 * Whether a text is a JWS in compact form, in the one spelling that it has: three parts of base64url without padding,
 * each canonical (RFC 7515 section 2, RFC 4648 section 3.5), and a signature of 64 bytes, as Ed25519 and P-256 make them.
 * Decides by looking at characters; nothing is decoded.
 */
export function isCompactForm(text: string): boolean {
  const parts = form.exec(text);
  if (parts === null) return false;
  const [, header = '', payload = '', signature = ''] = parts;
  return isCanonical(header) && isCanonical(payload) && isCanonical(signature);
}

const signatureCharacters = 86;
const form = new RegExp(`^([A-Za-z0-9_-]+)\\.([A-Za-z0-9_-]+)\\.([A-Za-z0-9_-]{${signatureCharacters}})$`);

/** The last characters whose unused low bits are zero: 4 bits are unused after one byte, 2 bits after two. */
const lastOfTwo = /[AQgw]$/;
const lastOfThree = /[AEIMQUYcgkosw048]$/;

function isCanonical(part: string): boolean {
  switch (part.length % 4) {
    case 0:
      return true;
    case 2:
      return lastOfTwo.test(part);
    case 3:
      return lastOfThree.test(part);
    default:
      return false;
  }
}

/** How long the third part of a JWS may be, in characters of base64url. */
export interface SignatureLength {
  readonly least: number;
  readonly most: number;
}

/** 64 bytes, as Ed25519 and ECDSA on P-256 make them. */
const shortSignature: SignatureLength = { least: 86, most: 86 };

/**
 * Whether a text is a JWS in compact form, in the one spelling that it has: three parts of base64url without padding,
 * each canonical (RFC 7515 section 2, RFC 4648 section 3.5), and a signature of a possible length. Decides by looking at
 * characters; nothing is decoded.
 */
export function isCompactForm(text: string, { least, most } = shortSignature): boolean {
  const parts = form.exec(text);
  if (parts === null) return false;
  const [, header = '', payload = '', signature = ''] = parts;
  if (signature.length < least || signature.length > most) return false;
  return isCanonical(header) && isCanonical(payload) && isCanonical(signature);
}

const form = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

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

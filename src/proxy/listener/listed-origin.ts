import { OperatorError } from '../../process/operator-error.ts';

/**
 * Checks an origin that the operator lists. It is compared letter for letter with what browsers send (RFC 6454 section
 * 6.2), so it must be written as they write it.
 *
 * @throws OperatorError `usage`.
 */
export function listedOrigin(text: string): string {
  const url = URL.parse(text);
  if (url === null || url.origin === 'null' || !/^https?:$/.test(url.protocol)) {
    throw new OperatorError(
      'usage',
      `--origin ${text} is not an origin; write it like https://example.org or https://example.org:8443.`,
    );
  }
  if (url.origin !== text) {
    throw new OperatorError('usage', `--origin ${text} is not how a browser writes it; write ${url.origin}.`);
  }
  return text;
}

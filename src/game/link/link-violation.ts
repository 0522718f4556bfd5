/** The peer broke LINK.md; the connection ends with go-away `protocol_error`, and this text. */
export class LinkViolation extends Error {
  override readonly name = 'LinkViolation';
}

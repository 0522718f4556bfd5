export type StoreErrorCode =
  | 'url_invalid'
  | 'engine_unsupported'
  | 'cannot_open'
  | 'schema_newer'
  | 'unsafe_settings'
  | 'busy'
  | 'disk_full'
  | 'io_failed'
  | 'corrupt'
  | 'closed';

/** What went wrong with a database, in a sentence that says what to do; the engine's own error is the `cause`. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

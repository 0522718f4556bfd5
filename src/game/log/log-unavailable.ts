/** Why nothing can be written now. */
export type LogFault = 'disk_full' | 'busy' | 'overloaded' | 'closed' | 'fenced' | 'failed';

/**
 * The log took nothing: whatever was to be written is certain not to have happened, unless `fault` is
 * `failed`.
 */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
  readonly fault: LogFault;

  constructor(fault: LogFault, options?: ErrorOptions) {
    super(`The match log takes nothing: ${fault}.`, options);
    this.fault = fault;
  }
}

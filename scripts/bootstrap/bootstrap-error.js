/** An error whose message is one sentence for the person at the keyboard; shown without a stack. */
export class BootstrapError extends Error {
  /**
   * @param {string} message
   * @param {number} exitCode as in src/process/exit-code.ts
   */
  constructor(message, exitCode) {
    super(message);
    this.name = 'BootstrapError';
    this.exitCode = exitCode;
  }
}

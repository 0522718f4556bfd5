/** How often the elapsed time is shown, in milliseconds: in a terminal, and in a log. */
const TERMINAL_MS = 1_000;
const LOG_MS = 15_000;

/**
 * Shows that something long goes on, with the seconds that it has taken: redrawn in place in a terminal, now and then
 * a line elsewhere.
 *
 * @param {string} label
 * @param {{ isTTY?: boolean, write(text: string): unknown }} [out]
 */
export function startProgress(label, out = process.stdout) {
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  out.write(out.isTTY ? label : `${label}\n`);
  const timer = setInterval(
    () => out.write(out.isTTY ? `\r${label} ${seconds()} s` : `  … ${seconds()} s\n`),
    out.isTTY ? TERMINAL_MS : LOG_MS,
  );
  const stop = () => {
    clearInterval(timer);
    if (out.isTTY) out.write('\r\x1b[K');
  };
  return {
    stop,
    /** @param {string} text */
    finish(text) {
      stop();
      out.write(`${text} in ${seconds()} s.\n`);
    },
  };
}

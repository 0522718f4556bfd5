import { askControlForAll } from '../process/control/index.ts';
import { OperatorError } from '../process/operator-error.ts';

/** What one process says of itself to `GET /status`. */
export interface RunningProcess {
  readonly process: string;
  readonly pid: number;
  /** Why no player could play now. */
  readonly reasons: readonly string[];
}

/** What the control socket of a data folder answers. */
export type RunningCastling =
  | {
      readonly state: 'running';
      readonly processes: readonly RunningProcess[];
      /** Those of its proxy. */
      readonly ports: readonly number[];
      /** Keys whose new values count from its next start on. */
      readonly waiting: readonly string[];
    }
  | { readonly state: 'none' }
  /** Something is there, and cannot be asked. */
  | { readonly state: 'silent'; readonly why: string };

/** Milliseconds for an answer; one that runs gives it at once. */
const answerMs = 5_000;

export async function findRunning(data: string): Promise<RunningCastling> {
  const signal = AbortSignal.timeout(answerMs);
  try {
    const processes = await askControlForAll<RunningProcess>('GET /status', { data, signal });
    const [config] = await askControlForAll<ShownConfig>('GET /config', { data, signal });
    return { state: 'running', processes, ports: portsOf(config), waiting: config?.waitingForRestart ?? [] };
  } catch (error) {
    if (signal.aborted) return { state: 'silent', why: `it gave no answer in ${answerMs / 1000} seconds.` };
    if (!(error instanceof OperatorError)) throw error;
    return error.code === 'not_running' ? { state: 'none' } : { state: 'silent', why: error.message };
  }
}

/** The part of `GET /config` that is used here. */
interface ShownConfig {
  readonly waitingForRestart: readonly string[];
  readonly settings: {
    readonly proxy: { readonly port: number; readonly adminPort: number };
    readonly tls: { readonly plainHttpPort?: number };
  };
}

function portsOf(config: ShownConfig | undefined): number[] {
  if (config === undefined) return [];
  const { proxy, tls } = config.settings;
  return [proxy.port, proxy.adminPort, tls.plainHttpPort].filter((port) => port !== undefined);
}

/** What one process says of itself to `GET /status`. */
export interface ProcessStatus {
  readonly process: string;
  readonly pid: number;
  readonly seconds: number;
  /** Why no player could play now. */
  readonly reasons: readonly string[];
  /** WebSockets, where players are served. */
  readonly sockets?: number;
}

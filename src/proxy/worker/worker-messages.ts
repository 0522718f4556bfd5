/**
 * What the primary and a worker tell each other over the channel that Node opens between them. Both are of one version, since the
 * primary starts its workers from its own files.
 */
import type { ControlAnswer } from '../../process/control/index.ts';
import type { Settings } from '../../settings/index.ts';
import type { Outdated } from '../routes/http/cache/http-cache.ts';
import type { UpstreamName } from '../routes/route-control.ts';

/** How a worker comes by connections: it listens on a socket that it was started with, or is handed each one. */
export type Accepting = 'shared' | 'handed';

/** The socket that players reach, among a worker's descriptors, where `Accepting` is `shared`. */
export const sharedDescriptor = 4;

/** The first message. */
export interface WorkerBegin {
  readonly type: 'begin';
  /** From 1; a worker's replacement has its number. */
  readonly worker: number;
  readonly settings: Settings;
  /** The port that players reach. */
  readonly port: number;
  readonly accepting: Accepting;
  /** For session tickets, base64. */
  readonly ticketKeys: string;
  /** Upstreams that an operator has drained. */
  readonly drained: readonly UpstreamName[];
}

export type ToWorker =
  | WorkerBegin
  | { readonly type: 'ticket-keys'; readonly keys: string }
  /** All upstreams that an operator has drained. */
  | { readonly type: 'drained'; readonly upstreams: readonly UpstreamName[] }
  /** Another worker's client may have changed what these kept answers say. */
  | { readonly type: 'outdated'; readonly outdated: Outdated }
  /** Certificates may have changed. */
  | { readonly type: 'read-files' }
  /** New settings are coming; `prepared` answers. */
  | { readonly type: 'prepare'; readonly id: number; readonly settings: Settings }
  | { readonly type: 'apply' | 'abandon'; readonly id: number }
  /** A connection comes with it. */
  | { readonly type: 'connection' }
  | {
      readonly type: 'ask';
      readonly id: number;
      readonly route: string;
      readonly query: Readonly<Record<string, string>>;
      readonly body?: unknown;
    }
  /** The asker has gone. */
  | { readonly type: 'unask'; readonly id: number }
  /** `replaced`: another worker serves in its place. */
  | { readonly type: 'drain'; readonly replaced: boolean };

export type FromWorker =
  /** It takes connections now, and can be asked what stands in `routes`. */
  | { readonly type: 'up'; readonly routes: readonly string[] }
  /** It takes no more connections, whoever told it so. */
  | { readonly type: 'leaving' }
  /** A client has changed something here: the other workers' answers about it are out of date. */
  | { readonly type: 'outdated'; readonly outdated: Outdated }
  | { readonly type: 'prepared'; readonly id: number; readonly refusal?: string }
  | { readonly type: 'answer'; readonly id: number; readonly answer: ControlAnswer }
  | { readonly type: 'answered'; readonly id: number };

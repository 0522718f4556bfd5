import type { Settings } from '../schema.ts';

/** The settings of a process while it runs, for its composition root: components are handed plain options. */
export interface SettingsSource {
  /** What is in effect now. A new object at each change; frozen. */
  readonly current: Settings;

  /**
   * Follows a part of the settings. When it differs in new settings, `prepare` may refuse them by throwing (an
   * OperatorError says why); only when nobody has refused is `apply` called, for all subscribers in one turn of the event
   * loop. Returns the way to stop following.
   */
  subscribe<Part, Prepared = undefined>(
    select: (settings: Settings) => Part,
    subscriber: Subscriber<Part, Prepared>,
  ): () => void;
}

export interface Subscriber<Part, Prepared = undefined> {
  /** Makes everything that can fail: reads files, opens what is to be opened. Changes nothing that is in use. */
  readonly prepare?: (next: Part) => Prepared | Promise<Prepared>;
  /** Takes the change over. Must not fail. */
  readonly apply: (next: Part, prepared: Prepared) => void;
  /** Lets go of what was prepared, since somebody else refused. Must not fail. */
  readonly abandon?: (prepared: Prepared) => void;
}

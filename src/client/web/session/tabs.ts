import { isObject } from '../../server-message.ts';

/** A signed-in session as tabs hand it to each other: in memory only, never stored. */
export interface SharedSession {
  readonly player: string;
  readonly name: string;
  readonly session: string;
  readonly isGuest: boolean;
  readonly token: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

type TabMessage =
  | { readonly kind: 'session'; readonly shared: SharedSession }
  | { readonly kind: 'who-has-one' }
  | { readonly kind: 'signed-out'; readonly session: string };

export interface TabListeners {
  /** Another tab signed in or renewed its token. */
  session(shared: SharedSession): void;
  signedOut(session: string): void;
  /** What this tab can offer to one that asks. */
  offer(): SharedSession | undefined;
}

/** The other tabs of this browser that show the same origin. */
export interface Tabs {
  listen(listeners: TabListeners): void;
  tell(shared: SharedSession): void;
  tellSignedOut(session: string): void;
  /** What another tab has; `undefined` when none has answered after a moment. */
  ask(): Promise<SharedSession | undefined>;
  /** Runs `work` while no other tab runs its own: a refresh token can be used one time only. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/** Milliseconds to wait for another tab's word. A tab that is frozen does not answer, and then the cookie is asked. */
const answerMs = 200;
const channelName = 'castling.session';

/** Talks by BroadcastChannel, and takes turns by the Web Locks API; both reach the same origin only. */
export function browserTabs(): Tabs {
  const channel = new BroadcastChannel(channelName);
  const post = (message: TabMessage) => channel.postMessage(message);
  return {
    listen(listeners) {
      channel.addEventListener('message', ({ data }) => {
        if (!isObject(data)) return;
        const message = data as unknown as TabMessage;
        if (message.kind === 'session') listeners.session(message.shared);
        else if (message.kind === 'signed-out') listeners.signedOut(message.session);
        else if (message.kind === 'who-has-one') {
          const shared = listeners.offer();
          if (shared) post({ kind: 'session', shared });
        }
      });
    },
    tell: (shared) => post({ kind: 'session', shared }),
    tellSignedOut: (session) => post({ kind: 'signed-out', session }),
    ask() {
      const { promise, resolve } = Promise.withResolvers<SharedSession | undefined>();
      const answered = ({ data }: MessageEvent) => {
        if (isObject(data) && data.kind === 'session') resolve(data.shared as SharedSession);
      };
      channel.addEventListener('message', answered);
      const timer = setTimeout(() => resolve(undefined), answerMs);
      post({ kind: 'who-has-one' });
      return promise.finally(() => {
        clearTimeout(timer);
        channel.removeEventListener('message', answered);
      });
    },
    exclusively: (work) => navigator.locks.request(channelName, work) as ReturnType<typeof work>,
  };
}

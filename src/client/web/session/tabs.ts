import { isObject } from '../../server-message.ts';

/** What tabs tell each other. No token is among it: pages of `http` routes at a path share this origin, and hear it too. */
type TabMessage =
  | { readonly kind: 'signed-in'; readonly session: string }
  | { readonly kind: 'changed'; readonly session: string }
  | { readonly kind: 'signed-out'; readonly session: string };

export interface TabListeners {
  /** Another tab is signed in by this session. */
  signedIn(session: string): void;
  /** What the server says of who is signed in has changed: a guest has got an account. */
  changed(session: string): void;
  signedOut(session: string): void;
}

/** The other tabs of this browser that show the same origin. */
export interface Tabs {
  listen(listeners: TabListeners): void;
  tellSignedIn(session: string): void;
  tellChanged(session: string): void;
  tellSignedOut(session: string): void;
  /** Runs `work` while no other tab runs its own: a refresh token can be used one time only. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/** The name is known to the page that signs browsers in at routes, which takes its turn by it. */
const channelName = 'castling.session';

/** Talks by BroadcastChannel, and takes turns by the Web Locks API; both reach the same origin only. */
export function browserTabs(): Tabs {
  const channel = new BroadcastChannel(channelName);
  const post = (message: TabMessage) => channel.postMessage(message);
  return {
    listen(listeners) {
      channel.addEventListener('message', ({ data }) => {
        if (!isObject(data) || typeof data.session !== 'string') return;
        if (data.kind === 'signed-in') listeners.signedIn(data.session);
        else if (data.kind === 'changed') listeners.changed(data.session);
        else if (data.kind === 'signed-out') listeners.signedOut(data.session);
      });
    },
    tellSignedIn: (session) => post({ kind: 'signed-in', session }),
    tellChanged: (session) => post({ kind: 'changed', session }),
    tellSignedOut: (session) => post({ kind: 'signed-out', session }),
    exclusively: (work) => navigator.locks.request(channelName, work) as ReturnType<typeof work>,
  };
}

/** What one house of `src/` may import, and why no more. */
export type House = {
  /** Other houses whose files it may import. */
  houses: readonly string[];
  /** Only these npm packages; absent means any. */
  packages?: readonly string[];
  /** False where Node's own modules do not exist. */
  builtins: boolean;
  /** Ends the message of a refusal, so that it says why. */
  why: string;
};

/**
 * The house rule. A house is a folder of `src/`; what is not listed may not be imported, and nobody imports `proxy`
 * or `client`.
 */
export const HOUSES: Readonly<Record<string, House>> = {
  protocol: {
    houses: [],
    packages: ['typebox'],
    builtins: false,
    why: 'the protocol is the wire contract: a leaf that imports nothing of ours and runs in a browser',
  },
  process: {
    houses: [],
    builtins: true,
    why: 'process/ is what every Castling process does alike, so it may know none of them',
  },
  settings: {
    houses: ['protocol', 'process'],
    builtins: true,
    why: 'settings are read before anything else is made, so they know none of the parts that obey them',
  },
  store: {
    houses: ['protocol', 'process'],
    builtins: true,
    why: 'the store keeps what it is given and knows neither accounts nor games',
  },
  auth: {
    houses: ['store', 'settings', 'protocol', 'process'],
    builtins: true,
    why: 'auth knows no game, and must stay usable without the proxy in front of it',
  },
  game: {
    houses: ['store', 'settings', 'protocol', 'process'],
    builtins: true,
    why: 'the backend does not know who plays: it never opens the auth store, nor reaches into the proxy',
  },
  proxy: {
    houses: ['auth', 'settings', 'protocol', 'process'],
    builtins: true,
    why: 'the proxy never opens the game store; what it knows of a match comes over the link',
  },
  client: {
    houses: ['protocol', 'process'],
    builtins: true,
    why: 'a client knows a server only by its protocol',
  },
  supervisor: {
    houses: ['settings', 'process'],
    builtins: true,
    why: 'the supervisor runs the others as processes of their own and shares no code with them',
  },
  doctor: {
    houses: ['supervisor', 'store', 'settings', 'protocol', 'process'],
    builtins: true,
    why: 'the doctor looks at files, ports and databases from outside, so that it works when what it looks at does not',
  },
};

/** Files that must load in a browser with everything that they import, besides `protocol/`. */
export const BROWSER_ENTRIES: readonly string[] = ['client/connection.ts', 'client/web/main.tsx'];

/** What a browser has of npm packages in such files. */
export const BROWSER_PACKAGES: readonly string[] = ['typebox', 'preact', 'lean-qr'];

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { WebSocketServer } from 'ws';
import { FakePlayServer } from './cli-fake-play-server.ts';

export interface FakeServer {
  readonly url: string;
  /** The CA's certificate, PEM. */
  readonly ca: string;
  readonly play: FakePlayServer;
  /** What the HTTP side saw: method, path and body. */
  readonly requests: readonly { readonly path: string; readonly body: Record<string, unknown> }[];
  /** Seconds that new access tokens are said to last. */
  tokenSeconds: number;
  refreshes: number;
  /** Ends every WebSocket as a crash would. */
  dropSockets(): void;
  close(): Promise<void>;
}

/** An HTTPS server with the auth routes and the player protocol, on a free port of this machine. */
export async function startFakeServer(options: { readonly sendCa?: boolean } = {}): Promise<FakeServer> {
  const { ca, key, cert } = await makeCertificates();
  const play = new FakePlayServer();
  const passwords = new Map<string, string>();
  const refreshTokens = new Map<string, string>();
  const requests: { path: string; body: Record<string, unknown> }[] = [];
  let counter = 0;
  const facts = { tokenSeconds: 600, refreshes: 0 };

  function grant(name: string): object {
    const access = `access-${++counter}`;
    const refresh = `crt_${counter}`;
    const id = Buffer.from(name.padEnd(16, '.')).toString('base64url').slice(0, 22);
    play.tokens.set(access, { player: `p_${id}`, name, session: `s_${id}` });
    refreshTokens.set(refresh, name);
    return {
      token_type: 'Bearer',
      access_token: access,
      expires_in: facts.tokenSeconds,
      refresh_token: refresh,
      refresh_expires_in: 86_400,
      ...play.tokens.get(access),
    };
  }

  function answer(
    path: string,
    body: Record<string, unknown>,
    authorization: string | undefined,
  ): [number, unknown] {
    const name = String(body.name);
    const player = play.tokens.get((authorization ?? '').replace('Bearer ', ''));
    switch (path) {
      case '/auth/register':
        if (passwords.has(name)) return [409, { code: 'name_taken', detail: 'That name is taken.' }];
        passwords.set(name, String(body.password));
        return [201, grant(name)];
      case '/auth/login':
        if (passwords.get(name) !== body.password)
          return [401, { code: 'credentials_wrong', detail: 'Wrong name or password.' }];
        return [200, grant(name)];
      case '/auth/refresh': {
        const owner = refreshTokens.get(String(body.refresh_token));
        if (owner === undefined) return [401, { code: 'refresh_token_invalid', detail: 'Sign in again.' }];
        refreshTokens.delete(String(body.refresh_token));
        facts.refreshes++;
        return [200, grant(owner)];
      }
      case '/auth/me':
        return player ? [200, player] : [401, { code: 'token_invalid', detail: 'Not valid.' }];
      case '/auth/logout?scope=local':
        return player ? [204, undefined] : [401, { code: 'token_invalid', detail: 'Not valid.' }];
      default:
        return [404, { code: 'not_found', detail: 'Nothing here.' }];
    }
  }

  const chain = options.sendCa === false ? cert : `${cert}\n${ca}`;
  const server = createServer({ key, cert: chain }, (request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const body = text === '' ? {} : JSON.parse(text);
      requests.push({ path: request.url ?? '', body });
      const [status, value] = answer(request.url ?? '', body, request.headers.authorization);
      response.writeHead(status, {
        'content-type': status < 400 ? 'application/json' : 'application/problem+json',
      });
      response.end(value === undefined ? undefined : JSON.stringify(value));
    });
  });
  const webSockets = new WebSocketServer({ server, path: '/play' });
  webSockets.on('connection', (webSocket, request) => {
    const token = request.headers.authorization?.replace('Bearer ', '');
    const socket = play.accept(
      { send: (text) => webSocket.send(text), close: (code) => webSocket.close(code) },
      token,
    );
    webSocket.on('message', (data) => socket.receive(String(data)));
    webSocket.on('close', () => socket.gone());
    webSocket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(facts, {
    url: `https://localhost:${port}`,
    ca,
    play,
    requests,
    dropSockets() {
      for (const webSocket of webSockets.clients) webSocket.terminate();
    },
    async close() {
      for (const webSocket of webSockets.clients) webSocket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

async function makeCertificates(): Promise<{ ca: string; key: string; cert: string }> {
  const shared = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
  const notAfterDate = new Date(Date.now() + 86_400_000);
  const authority = await generate([{ name: 'commonName', value: 'Fake server CA' }], {
    ...shared,
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const leaf = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...shared,
    notAfterDate,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { ca: authority.cert, key: leaf.private, cert: leaf.cert };
}

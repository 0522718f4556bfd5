/** What only a proxy may say about who asks and how, or what belongs to one connection (RFC 9110 section 7.6.1). */
const never: ReadonlySet<string> = new Set([
  ...['authorization', 'proxy-authorization', 'proxy-authenticate', 'proxy-connection', 'connection', 'dpop'],
  ...['keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'host', 'http2-settings'],
  ...['forwarded', 'via', 'max-forwards', 'x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'client-ip'],
  ...['true-client-ip', 'cf-connecting-ip', 'fastly-client-ip', 'x-original-url', 'x-rewrite-url'],
  ...[
    'x-http-method-override',
    'x-method-override',
    'x-host',
    'x-original-host',
    'remote-user',
    'x-remote-user',
  ],
]);

/** Whether an operator may add a field of requests to what an upstream gets; lower case. */
export function mayBePassed(name: string): boolean {
  return (
    /^[a-z\d-]+$/.test(name) &&
    !never.has(name) &&
    !/^(?:x-)?(?:castling|forwarded|ssl|auth)/.test(name) &&
    !name.startsWith('sec-websocket')
  );
}

import { describe, expect, it } from 'vitest';
import { LiveCertificates } from '../../../../src/process/live-certificates.ts';
import { createLogger } from '../../../../src/process/logger.ts';
import { refuse } from '../../../../src/protocol/refusals.ts';
import { ClientAddresses } from '../../../../src/proxy/addresses/client-addresses.ts';
import { Callers } from '../../../../src/proxy/listener/callers.ts';
import { EdgeCertificates } from '../../../../src/proxy/listener/certificates/edge-certificates.ts';
import { createListener } from '../../../../src/proxy/listener/listener.ts';
import { listenerLimits } from '../../../../src/proxy/listener/listener-limits.ts';
import { mostConnections } from '../../../../src/proxy/listener/most-connections.ts';
import { slownessDefaults } from '../../../../src/settings/index.ts';
import { LinkCertificates } from '../../../support/link-certificates.ts';

describe('createListener', () => {
  it('leaves no time and no count to a default', async () => {
    const certificates = new LinkCertificates();
    const logger = createLogger({ name: 'test', level: 'silent' });
    const live = new LiveCertificates({ logger });
    const pair = {
      certificate: certificates.path('link-server.pem'),
      key: certificates.path('link-server-key.pem'),
    };
    const server = createListener({
      certificates: await EdgeCertificates.load({ pairs: [pair], live }),
      answerHeaders: () => ({}),
      onRequest() {},
      onUpgrade() {},
      callers: new Callers({ addresses: new ClientAddresses(), connect: () => refuse('rate_limited') }),
      patience: () => slownessDefaults,
      nextRequestId: () => 'r_1',
      addresses: new ClientAddresses(),
      logger,
    });
    live.stop();
    certificates.remove();
    expect({
      headersMs: server.headersTimeout,
      requestMs: server.requestTimeout,
      keepAliveMs: server.keepAliveTimeout,
      idleMs: server.timeout,
      requestsPerSocket: server.maxRequestsPerSocket,
      connections: server.maxConnections,
      headers: server.maxHeadersCount,
    }).toEqual({
      headersMs: slownessDefaults.header,
      requestMs: slownessDefaults.request,
      keepAliveMs: slownessDefaults.keepAlive,
      idleMs: slownessDefaults.idle,
      requestsPerSocket: listenerLimits.requestsPerSocket,
      connections: mostConnections(),
      headers: listenerLimits.headers * 2,
    });
    expect(Object.values(listenerLimits).every((limit) => Number.isFinite(limit) && limit > 0)).toBe(true);
    expect(slownessDefaults.handshake).toBeLessThanOrEqual(10_000);
    expect(slownessDefaults.header).toBeLessThanOrEqual(10_000);
    expect(slownessDefaults.request).toBeLessThanOrEqual(15_000);
    server.close();
  });
});

import { describe, expect, it } from 'vitest';
import {
  backendArguments,
  proxyArguments,
  refuseSharedPorts,
  type StartSettings,
} from '../../../src/supervisor/start-settings.ts';

const settings: StartSettings = {
  host: '0.0.0.0',
  port: 8443,
  linkPort: 7878,
  adminPort: 9464,
  data: '/srv/data',
  certs: '/srv/certs',
};

describe('command lines of the children', () => {
  it('put the backend on loopback', () => {
    expect(backendArguments(settings).join(' ')).toBe(
      'backend --link-host 127.0.0.1 --link-port 7878 --data /srv/data --certs /srv/certs',
    );
  });

  it('tell the proxy where the backend is', () => {
    expect(proxyArguments(settings).join(' ')).toBe(
      'proxy --host 0.0.0.0 --port 8443 --admin-port 9464 --link 127.0.0.1:7878 --data /srv/data --certs /srv/certs',
    );
  });
});

describe('refuseSharedPorts', () => {
  it('names both flags', () => {
    expect(() => refuseSharedPorts(settings)).not.toThrow();
    expect(() => refuseSharedPorts({ ...settings, adminPort: 8443 })).toThrow(
      /--port and --admin-port are both 8443/,
    );
    expect(() => refuseSharedPorts({ ...settings, linkPort: 9464 })).toThrow(/--link-port and --admin-port/);
  });
});

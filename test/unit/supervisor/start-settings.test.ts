import { describe, expect, it } from 'vitest';
import { refuseSharedPorts, type StartSettings } from '../../../src/supervisor/start-settings.ts';

const settings: StartSettings = {
  host: '0.0.0.0',
  port: 8443,
  linkHost: '127.0.0.1',
  linkPort: 7878,
  backends: 1,
  adminPort: 9464,
  data: '/srv/data',
  certs: '/srv/certs',
  pairs: [],
};

describe('refuseSharedPorts', () => {
  it('names both flags', () => {
    expect(() => refuseSharedPorts(settings)).not.toThrow();
    expect(() => refuseSharedPorts({ ...settings, adminPort: 8443 })).toThrow(
      /--port and --admin-port are both 8443/,
    );
    expect(() => refuseSharedPorts({ ...settings, linkPort: 9464 })).toThrow(/--link-port and --admin-port/);
  });
});

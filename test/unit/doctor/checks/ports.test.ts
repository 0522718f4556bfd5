import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { portsCheck } from '../../../../src/doctor/checks/ports.ts';
import { makePatient, said } from '../../../support/doctor-patient.ts';
import { freePorts } from '../../../support/free-ports.ts';

async function someListener() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() };
}

async function envOf(ports: { readonly player?: number; readonly link?: number } = {}) {
  const [player, link, admin] = await freePorts(3);
  return {
    CASTLING_PROXY_HOST: '127.0.0.1',
    CASTLING_PROXY_PORT: String(ports.player ?? player),
    CASTLING_BACKEND_PORT: String(ports.link ?? link),
    CASTLING_PROXY_ADMIN_PORT: String(admin),
  };
}

const running = { state: 'running', processes: [], waiting: [] } as const;

describe('the doctor’s look at ports', () => {
  it('finds them free', async () => {
    using patient = await makePatient({ env: await envOf() });
    expect(said(await portsCheck.run(patient))).toEqual(
      Array(3).fill(expect.stringMatching(/^ok: Port \d+ is free\.$/)),
    );
  });

  it('names one that another program holds, and the flag that moves it', async () => {
    using taken = await someListener();
    using patient = await makePatient({ env: await envOf({ player: taken.port }) });
    const [finding] = await portsCheck.run(patient);
    expect(finding).toMatchObject({
      mark: 'fault',
      says: expect.stringContaining('held by another program, or'),
    });
    expect(finding?.remedy).toContain('--port');
  });

  it('knows the ports of a proxy that runs, and a stranger on the port of the link', async () => {
    using player = await someListener();
    using link = await someListener();
    const env = await envOf({ player: player.port, link: link.port });
    using patient = await makePatient({ env, running: { ...running, ports: [player.port] } });
    const findings = said(await portsCheck.run(patient));
    expect(findings[0]).toBe(`ok: Port ${player.port} is held by this Castling.`);
    expect(findings[1]).toBe(`fault: Port ${link.port} is held by another program than this Castling.`);
    expect(findings[2]).toMatch(/^warning: Castling runs, and nobody listens on port/);
  });
});

import { Connection, type ConnectionOptions } from '../../src/client/connection.ts';
import { FakePlayServer } from './cli-fake-play-server.ts';
import { ManualTimers, settled } from './cli-manual-timers.ts';
import { FakeTokens, MemoryNetwork } from './cli-memory-network.ts';

/** A world of one fake server, one clock and any number of connections, for tests that tell a story step by step. */
export class World {
  readonly server = new FakePlayServer();
  readonly network = new MemoryNetwork(this.server);
  readonly timers = new ManualTimers();
  readonly tokens = new Map<string, FakeTokens>();

  constructor() {
    this.server.expiresAt = this.timers.now() / 1000 + 600;
  }

  connect(name: string, options: Partial<ConnectionOptions> = {}): Connection {
    const tokens = new FakeTokens(this.server, name);
    this.tokens.set(name, tokens);
    return new Connection({
      url: 'wss://test/play',
      tokens,
      dial: this.network.dial(),
      timers: this.timers,
      random: () => 0.5,
      ...options,
    });
  }

  /** Everything on its way arrives, and its consequences too. */
  async settle(): Promise<void> {
    await settled();
    await this.network.deliverAll();
  }

  /** Time passes, and what it causes arrives. */
  async wait(ms: number): Promise<void> {
    await this.timers.advance(ms);
    await this.settle();
  }

  /** The server's side of the newest socket. */
  get socket() {
    const socket = this.network.open.at(-1)?.peer;
    if (socket === undefined) throw new Error('No socket is open.');
    return socket;
  }

  /** Methods received on the newest socket, in order. */
  get asked(): string[] {
    return this.socket.received.map(({ method }) => method);
  }
}

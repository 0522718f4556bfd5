import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Registry } from '../../../../src/process/metrics.ts';
import { SlowAnswers } from '../../../../src/proxy/listener/slow-answers.ts';

/** A connection as this looks at one: what was written, and what of it waits. */
class FakeSocket {
  bytesWritten = 0;
  writableLength = 0;
  destroyed = false;
  write(bytes: number): void {
    this.bytesWritten += bytes;
    this.writableLength += bytes;
  }
  read(bytes: number): void {
    this.writableLength -= bytes;
  }
  destroy(): void {
    this.destroyed = true;
  }
}

let now = 0;
let metrics: Registry;
let answers: SlowAnswers;
let server: EventEmitter;
let socket: FakeSocket;

function answer(): EventEmitter {
  const response = new EventEmitter();
  server.emit('request', { socket }, response);
  return response;
}

function pass(ms: number): void {
  now += ms;
  answers.look();
}

beforeEach(() => {
  now = 0;
  metrics = new Registry();
  answers = new SlowAnswers({ answerRate: 1_000, answerGrace: 10_000, metrics, now: () => now });
  server = new EventEmitter();
  answers.watch(server as never);
  socket = new FakeSocket();
});
afterEach(() => answers.stop());

describe('B12 the reader of an answer', () => {
  it('is cut off after the grace when it takes less than the rate, and counted', async () => {
    answer();
    socket.write(1_000_000);
    pass(0);
    for (let second = 0; second < 10; second += 1) {
      expect(socket.destroyed).toBe(false);
      socket.read(100);
      pass(1_000);
    }
    expect(socket.destroyed).toBe(true);
    expect(await metrics.metrics()).toContain('castling_listener_slow_answers_total 1');
  });

  it('stays as long as it takes enough, however large the answer', () => {
    answer();
    socket.write(1_000_000);
    pass(0);
    for (let second = 0; second < 500; second += 1) {
      socket.read(1_000);
      pass(1_000);
    }
    expect(socket.destroyed).toBe(false);
  });

  it('is not blamed for an answer that comes slowly, nor when it has been read', () => {
    const response = answer();
    for (let second = 0; second < 60; second += 1) {
      socket.write(10);
      pass(500);
      socket.read(10);
      pass(500);
    }
    expect(socket.destroyed).toBe(false);
    socket.write(1_000_000);
    response.emit('close');
    for (let second = 0; second < 60; second += 1) pass(1_000);
    expect(socket.destroyed).toBe(false);
  });

  it('is watched for every answer of a connection, and by other measures when they change', () => {
    const first = answer();
    answer();
    first.emit('close');
    socket.write(1_000_000);
    pass(0);
    answers.change({ answerRate: 1, answerGrace: 2_000 });
    socket.read(1);
    pass(1_000);
    pass(1_000);
    expect(socket.destroyed).toBe(true);
  });
});

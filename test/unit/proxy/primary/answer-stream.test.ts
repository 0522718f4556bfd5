import { expect, it, vi } from 'vitest';
import { mergeAnswers } from '../../../../src/process/control/index.ts';
import { AnswerStream } from '../../../../src/proxy/primary/answer-stream.ts';

const answer = (from: string, value: unknown) => ({ from, value });

it('answers of several come in the order in which they came, and what waits is read after the end', async () => {
  const first = new AnswerStream(() => {});
  const second = new AnswerStream(() => {});
  const merged = mergeAnswers([first, second]);
  second.push(answer('b', 1));
  expect((await merged.next()).value).toEqual(answer('b', 1));
  first.push(answer('a', 1));
  first.end();
  first.push(answer('a', 'too late'));
  expect((await merged.next()).value).toEqual(answer('a', 1));
  const next = merged.next();
  second.push(answer('b', 2));
  second.end();
  expect((await next).value).toEqual(answer('b', 2));
  expect(await merged.next()).toEqual({ value: undefined, done: true });
});

it('whoever stops reading is told to the other side once, and so is one who reads too slowly', async () => {
  const cancelled = vi.fn();
  const stream = new AnswerStream(cancelled);
  const merged = mergeAnswers([stream]);
  stream.push(answer('a', 1));
  for await (const _ of merged) break;
  expect(cancelled).toHaveBeenCalledOnce();
  stream.cancel();
  expect(cancelled).toHaveBeenCalledOnce();

  const slow = new AnswerStream(cancelled);
  for (let count = 0; count <= 10_000; count += 1) slow.push(answer('a', count));
  expect(cancelled).toHaveBeenCalledTimes(2);
});

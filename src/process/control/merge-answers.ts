import type { ControlAnswer } from './control-answers.ts';

/** Answers of several, in the order in which they come; the end of one does not wait for another. */
export async function* mergeAnswers(
  sources: readonly AsyncIterable<ControlAnswer>[],
): AsyncGenerator<ControlAnswer, void, undefined> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const next = async (iterator: (typeof iterators)[number]) => ({ iterator, result: await iterator.next() });
  const pending = new Map(iterators.map((iterator) => [iterator, next(iterator)]));
  try {
    while (pending.size > 0) {
      const { iterator, result } = await Promise.race(pending.values());
      if (result.done) {
        pending.delete(iterator);
      } else {
        pending.set(iterator, next(iterator));
        yield result.value;
      }
    }
  } finally {
    for (const iterator of pending.keys()) void iterator.return?.();
  }
}

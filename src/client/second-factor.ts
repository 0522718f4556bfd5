import { isRefusal } from './client-error.ts';

/** Asks for a code, for the n-th time, from 1; `undefined` gives up. */
export type AskCode = (attempt: number) => Promise<string | undefined>;

/**
 * Does what may take the code of a second factor: first without one; when the server wants one, with what `askCode` gives, and
 * again when that was mistyped.
 */
export async function withSecondFactor<T>(
  act: (code: string | undefined) => Promise<T>,
  askCode: AskCode,
): Promise<T> {
  let code: string | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      return await act(code);
    } catch (error) {
      if (!isRefusal(error, 'second_factor_needed', 'second_factor_wrong')) throw error;
      code = await askCode(attempt);
      if (code === undefined) throw error;
    }
  }
}

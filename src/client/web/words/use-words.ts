import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { en } from './en.ts';
import type { Words } from './words.ts';

export const WordsContext = createContext<Words>(en);

/** The catalogue of the reader's language. */
export function useWords(): Words {
  return useContext(WordsContext);
}

import { createContext } from 'preact';
import { useContext, useEffect } from 'preact/hooks';
import { useWords } from '../words/use-words.ts';

/** Whether what is below is seen, rather than kept under a cover. */
export const ShownContext = createContext(true);

/** Names the tab, after whichever screen is seen. `urgent` marks a tab in which something waits for the person. */
export function usePageTitle(title: string, { urgent = false }: { readonly urgent?: boolean } = {}): void {
  const { product } = useWords();
  const isShown = useContext(ShownContext);
  useEffect(() => {
    if (isShown) document.title = `${urgent ? '● ' : ''}${title} · ${product}`;
  }, [title, product, urgent, isShown]);
}

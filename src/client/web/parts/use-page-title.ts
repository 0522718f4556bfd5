import { useEffect } from 'preact/hooks';
import { useWords } from '../words/use-words.ts';

/** Names the tab. `urgent` marks a tab in which something waits for the person. */
export function usePageTitle(title: string, { urgent = false }: { readonly urgent?: boolean } = {}): void {
  const { product } = useWords();
  useEffect(() => {
    document.title = `${urgent ? '● ' : ''}${title} · ${product}`;
  }, [title, product, urgent]);
}

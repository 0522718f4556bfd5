import { useEffect } from 'preact/hooks';

const pressable = 'button, input, a[href]';

/**
 * Keeps whoever acts by the keyboard or a screen reader where they acted. When what has the focus is taken away, as a form is
 * that has done its work, browsers let the focus fall back to the top of the page; here it goes on to what came in its place,
 * or else to the part of the page in which that stood.
 */
export function useKeptFocus(main: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const root = main.current;
    if (root === null) return;
    /** What had the focus last, and all that it stood in, from within. */
    let chain: readonly Element[] = [];
    let isByPointer = false;
    const remember = ({ target }: FocusEvent) => {
      chain = root.contains(target as Node) ? lineOf(target as Element) : [];
    };
    const onPointer = () => {
      isByPointer = true;
    };
    const onKey = () => {
      isByPointer = false;
    };
    const observer = new MutationObserver((records) => {
      if (chain[0] === undefined || chain[0].isConnected || document.activeElement !== document.body) return;
      const home = chain.find(({ isConnected }) => isConnected)?.closest('section, main') ?? root;
      chain = [];
      const added = records.flatMap((record) => [...record.addedNodes]);
      // A finger needs no pointer to the next button, and a field would open the keyboard of a phone.
      const next = isByPointer ? undefined : firstPressable(added, home);
      if (next === undefined) (home as HTMLElement).tabIndex = -1;
      (next ?? (home as HTMLElement)).focus({ preventScroll: true });
    });
    addEventListener('focusin', remember);
    addEventListener('pointerdown', onPointer, true);
    addEventListener('keydown', onKey, true);
    observer.observe(root, { childList: true, subtree: true });
    return () => {
      removeEventListener('focusin', remember);
      removeEventListener('pointerdown', onPointer, true);
      removeEventListener('keydown', onKey, true);
      observer.disconnect();
    };
  }, [main]);
}

function lineOf(element: Element): readonly Element[] {
  return element.parentElement === null ? [element] : [element, ...lineOf(element.parentElement)];
}

function firstPressable(added: readonly Node[], home: Element): HTMLElement | undefined {
  for (const node of added) {
    if (!(node instanceof HTMLElement) || !home.contains(node)) continue;
    const found = [node, ...node.querySelectorAll<HTMLElement>(pressable)].find(
      (each) => each.matches(pressable) && each.checkVisibility(),
    );
    if (found) return found;
  }
  return undefined;
}

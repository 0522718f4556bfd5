import type { JSX } from 'preact';

const paths = {
  first: 'M3 3h3v14H3zM17 3v14L7 10z',
  previous: 'M14 3v14L4 10z',
  play: 'M5 3v14l12-7z',
  pause: 'M4 3h4v14H4zM12 3h4v14h-4z',
  next: 'M6 3v14l10-7z',
  last: 'M14 3h3v14h-3zM3 3v14l10-7z',
} as const;

export type SignName = keyof typeof paths;

/** A small picture on a button whose label says the same. */
export function Sign({ name }: { readonly name: SignName }): JSX.Element {
  return (
    <svg class="sign" viewBox="0 0 20 20" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

import type { JSX } from 'preact';

/** A rook whose gate is a keyhole. */
export function Logo(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path
        fill="currentColor"
        fill-rule="evenodd"
        d="M5 4h5v3h3.500V4h5v3H22V4h5v8l-3 3v8l3 2v3H5v-3l3-2v-8l-3-3zM16 14a3 3 0 0 0-1.500 5.600L13.600 24h4.800l-.900-4.400A3 3 0 0 0 16 14z"
      />
    </svg>
  );
}

import type { ComponentChildren, JSX } from 'preact';

/** A sentence about something that went wrong, read aloud at once. Present even while empty, as live regions must be. */
export function Alert({ children }: { readonly children?: ComponentChildren }): JSX.Element {
  return (
    <div class="alert" role="alert">
      {children}
    </div>
  );
}

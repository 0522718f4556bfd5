import type { JSX } from 'preact';

/** A match in the middle, between two towers: what the words beside it say. */
export function SignInPicture(): JSX.Element {
  return (
    <svg class="picture" viewBox="0 0 420 200" aria-hidden="true">
      <path class="picture-wall" d="M0 200V92h22v16h22V92h22v16h22V92h22v108z" />
      <path class="picture-wall" d="M310 200V92h22v16h22V92h22v16h22V92h22v108z" />
      <path class="picture-gate" d="M42 200v-40a13 13 0 0 1 26 0v40zM352 200v-40a13 13 0 0 1 26 0v40z" />
      <path class="picture-wall" d="M108 200v-26h204v26z" />
      {[0, 1, 2].flatMap((row) =>
        [0, 1, 2].map((column) => (
          <rect
            key={`${row}${column}`}
            class="picture-tile"
            x={140 + column * 48}
            y={16 + row * 48}
            width={44}
            height={44}
            rx={8}
          />
        )),
      )}
      <g class="picture-x">
        <path d="M152 28l20 20m0-20l-20 20M200 76l20 20m0-20l-20 20M248 124l20 20m0-20l-20 20" />
      </g>
      <g class="picture-o">
        <circle cx={258} cy={38} r={11} />
        <circle cx={162} cy={134} r={11} />
      </g>
    </svg>
  );
}

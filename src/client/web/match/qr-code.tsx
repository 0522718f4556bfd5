import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** The blank border that scanners need, in modules (ISO/IEC 18004). */
const quietZone = 4;

interface Drawing {
  readonly size: number;
  readonly path: string;
}

/** A QR code as one path. The encoder is loaded when the first one is shown. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  const [drawing, setDrawing] = useState<Drawing>();
  useEffect(() => {
    let isOver = false;
    draw(text).then(
      (made) => {
        if (!isOver) setDrawing(made);
      },
      // Without the encoder the link and the code are still there.
      () => {},
    );
    return () => {
      isOver = true;
    };
  }, [text]);
  const box = drawing ? drawing.size + 2 * quietZone : 1;
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${box} ${box}`}>
      {drawing && <path d={drawing.path} />}
    </svg>
  );
}

async function draw(text: string): Promise<Drawing> {
  const { generate } = await import('lean-qr');
  const code = generate(text);
  let path = '';
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      if (code.get(x, y)) path += `M${x + quietZone} ${y + quietZone}h1v1h-1z`;
    }
  }
  return { size: code.size, path };
}

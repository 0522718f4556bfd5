/** Modules of blank border; the standard asks for four, and every scanner is content with two. */
const quietZone = 2;
/** Dark on light whatever the terminal's theme: half of the scanners read no inverted code. */
const darkOnLight = '\u001b[38;5;16;48;5;231m';
const reset = '\u001b[0m';

/** A QR code in half blocks, two modules a character, for a terminal with colours. The encoder is loaded when it is needed. */
export async function terminalQrCode(text: string): Promise<string> {
  const { generate } = await import('lean-qr');
  const code = generate(text);
  const last = code.size + quietZone;
  let picture = '';
  for (let y = -quietZone; y < last; y += 2) {
    picture += darkOnLight;
    for (let x = -quietZone; x < last; x += 1) {
      picture += halfBlocks[(code.get(x, y) ? 2 : 0) + (code.get(x, y + 1) ? 1 : 0)];
    }
    picture += `${reset}\n`;
  }
  return picture;
}

/** By which half is dark: none, the lower, the upper, both. */
const halfBlocks = [' ', '▄', '▀', '█'] as const;

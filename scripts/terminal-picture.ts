/**
 * Draws captured terminals side by side as one SVG, for the README.
 *
 *   tmux capture-pane -e -p -t LEFT > left.txt; tmux capture-pane -e -p -t RIGHT > right.txt
 *   node scripts/terminal-picture.ts docs/terminal.svg left.txt right.txt
 */
import { readFileSync, writeFileSync } from 'node:fs';

const cell = { width: 8.4, height: 18 };
const padding = 16;
const paper = '#10151c';
const ink = '#d7dde6';
const palette: { readonly [code: number]: string } = {
  31: '#f47067',
  32: '#57ab5a',
  33: '#e0b050',
  34: '#6cb6ff',
  35: '#dcbdfb',
  36: '#56c8d8',
  90: '#8b98a9',
};

const escapeCharacter = String.fromCharCode(0x1b);
const graphicRendition = new RegExp(`(${escapeCharacter}\\[[\\d;]*m)`);

interface Style {
  colour: string;
  bold: boolean;
  dim: boolean;
  reverse: boolean;
}

const plain: Style = { colour: ink, bold: false, dim: false, reverse: false };

/** Applies one select-graphic-rendition sequence (ECMA-48 section 8.3.117). */
function restyle(style: Style, codes: readonly number[]): Style {
  let next = { ...style };
  for (const code of codes) {
    if (code === 0) next = { ...plain };
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 7) next.reverse = true;
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 27) next.reverse = false;
    else if (code === 39) next.colour = ink;
    else next.colour = palette[code] ?? next.colour;
  }
  return next;
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(' ', '&#160;');

function drawLine(
  line: string,
  start: Style,
  at: { readonly x: number; readonly y: number },
): { svg: string; style: Style } {
  let style = start;
  let column = 0;
  let svg = '';
  for (const part of line.split(graphicRendition)) {
    const codes = part.startsWith(escapeCharacter) ? part.slice(2, -1) : undefined;
    if (codes !== undefined) {
      style = restyle(style, codes.split(';').map(Number));
      continue;
    }
    const x = at.x + column * cell.width;
    column += [...part].length;
    if (part === '' || (part.trim() === '' && !style.reverse)) continue;
    const width = [...part].length * cell.width;
    if (style.reverse) {
      svg += `<rect x="${x.toFixed(1)}" y="${at.y - 13}" width="${width.toFixed(1)}" height="${cell.height}" fill="${style.colour}"/>`;
    }
    const attributes = [
      `x="${x.toFixed(1)}"`,
      `y="${at.y}"`,
      `textLength="${width.toFixed(1)}"`,
      `fill="${style.reverse ? paper : style.colour}"`,
      ...(style.bold ? ['font-weight="700"'] : []),
      ...(style.dim ? ['opacity="0.6"'] : []),
    ];
    svg += `<text ${attributes.join(' ')}>${escaped(part)}</text>`;
  }
  return { svg, style };
}

/** One SVG of the given screens. */
export function terminalPicture(screens: readonly string[]): string {
  const pages = screens.map((screen) => screen.replace(/\s+$/, '').split('\n'));
  const columns = 40;
  const rows = Math.max(...pages.map((page) => page.length));
  const pane = { width: columns * cell.width + padding * 2, height: rows * cell.height + padding * 2 };
  const gap = 16;
  const drawn = pages.map((page, index) => {
    const left = index * (pane.width + gap);
    let style = plain;
    const lines = page.map((line, row) => {
      const result = drawLine(line, style, { x: left + padding, y: padding + 13 + row * cell.height });
      style = result.style;
      return result.svg;
    });
    return `<rect x="${left}" width="${pane.width}" height="${pane.height}" rx="10" fill="${paper}"/>${lines.join('')}`;
  });
  const width = pages.length * pane.width + (pages.length - 1) * gap;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${pane.height}" ` +
    `font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14"><title>Two players at tic-tac-toe in two terminals</title>${drawn.join('')}</svg>\n`
  );
}

if (import.meta.main) {
  const [target, ...files] = process.argv.slice(2);
  if (target === undefined || files.length === 0)
    throw new Error('usage: terminal-picture.ts OUT.svg SCREEN.txt …');
  writeFileSync(target, terminalPicture(files.map((file) => readFileSync(file, 'utf8'))));
}

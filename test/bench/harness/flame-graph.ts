/** A flame graph as SVG out of a CPU profile of V8 (`node --cpu-prof`), without anything else. */

/** The parts of a `.cpuprofile` that are read. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  /** Ids of nodes, each `timeDeltas` microseconds after the one before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface FlameGraphOptions {
  readonly title: string;
  /** Leaves out this share of the time at the beginning, in which a process starts and warms up. Default 0.5. */
  readonly skip?: number;
  /** Leaves out what took less than this share of the whole. Default 0.004. */
  readonly least?: number;
}

interface Block {
  readonly name: string;
  readonly place: string;
  microseconds: number;
  readonly children: Map<string, Block>;
}

const width = 1_200;
const row = 16;
const top = 28;
/** Pixels of one character, about. */
const letter = 6.2;

/** Time spent waiting is left out: widths are shares of the time in which the thread worked. */
export function flameGraph(
  profile: CpuProfile,
  { title, skip = 0.5, least = 0.004 }: FlameGraphOptions,
): string {
  const root = blocksOf(profile, skip);
  const total = root.microseconds;
  const boxes: string[] = [];
  let depths = 0;
  const draw = (block: Block, depth: number, before: number): void => {
    if (block.microseconds / total < least) return;
    depths = Math.max(depths, depth);
    const x = (before / total) * width;
    const wide = (block.microseconds / total) * width;
    const share = ((block.microseconds / total) * 100).toFixed(1);
    const label = block.name.slice(0, Math.floor((wide - 4) / letter));
    const y = top + depth * row;
    boxes.push(
      `<g><title>${escaped(`${block.name} ${block.place} ${share} %`)}</title>` +
        `<rect x="${x.toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" height="${row - 1}" fill="${colourOf(block.place)}"/>` +
        (label.length > 2 ? `<text x="${(x + 2).toFixed(1)}" y="${y + 11}">${escaped(label)}</text>` : '') +
        '</g>',
    );
    let at = before;
    for (const child of [...block.children.values()].sort((a, b) => b.microseconds - a.microseconds)) {
      draw(child, depth + 1, at);
      at += child.microseconds;
    }
  };
  draw(root, 0, 0);
  const height = top + (depths + 1) * row + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="10">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="4" y="16" font-size="13">${escaped(title)}</text>
${boxes.join('\n')}
</svg>
`;
}

function blocksOf({ nodes, samples, timeDeltas }: CpuProfile, skip: number): Block {
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const stackOf = (id: number): { name: string; place: string }[] => {
    const stack: { name: string; place: string }[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const { functionName, url, lineNumber } = byId.get(at)?.callFrame ?? {
        functionName: '',
        url: '',
        lineNumber: 0,
      };
      if (functionName !== '(root)')
        stack.unshift({ name: functionName || '(anonymous)', place: placeOf(url, lineNumber) });
    }
    return stack;
  };
  const stacks = new Map(nodes.map(({ id }) => [id, stackOf(id)]));
  const whole = timeDeltas.reduce((sum, each) => sum + each, 0);
  const root: Block = { name: 'all', place: '', microseconds: 0, children: new Map() };
  let passed = 0;
  for (const [index, id] of samples.entries()) {
    const spent = timeDeltas[index] ?? 0;
    passed += spent;
    const stack = stacks.get(id) ?? [];
    if (passed < whole * skip || stack[0]?.name === '(idle)') continue;
    let block = root;
    block.microseconds += spent;
    for (const { name, place } of stack) {
      const key = `${name} ${place}`;
      const child = block.children.get(key) ?? { name, place, microseconds: 0, children: new Map() };
      block.children.set(key, child);
      child.microseconds += spent;
      block = child;
    }
  }
  return root;
}

/** From the project's own folder on; machines differ in what is before it. */
function placeOf(url: string, line: number): string {
  if (url === '') return 'native';
  return `${url.replace(/^.*\/(?=(src|node_modules)\/)/, '').replace(/^file:.*\//, '')}:${line + 1}`;
}

function colourOf(place: string): string {
  if (place.startsWith('src/proxy')) return '#8ecae6';
  if (place.startsWith('src/game')) return '#a7d49b';
  if (place.startsWith('src/store')) return '#f4a261';
  if (place.startsWith('src/')) return '#ffd166';
  if (place.startsWith('node_modules')) return '#cdb4db';
  return place.startsWith('node:') ? '#d9d9d9' : '#f28482';
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

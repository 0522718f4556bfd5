import { type KeySchema, schemaOf } from '../keys/key.ts';
import { isSection } from '../reading/keys-of.ts';
import { settingsSchema } from '../schema.ts';
import { effectText, yamlText } from './effect-text.ts';

/** Columns of a comment. */
const width = 110;

/**
 * A `castling.yaml` in which every key stands as a comment with its default, so that it can be used as it is and each key is
 * one `#` away from being set. `schema`: path or address of the published schema, for editors.
 */
export function exampleFile({ schema }: { readonly schema: string }): string {
  return [
    `# yaml-language-server: $schema=${schema}`,
    '#',
    ...comment(
      'Settings of Castling. Each key stands here with its default; take the # before it away to change it. What a flag or an ' +
        'environment variable says counts more than this file. `castling config check` says whether it is in order, and ' +
        '`castling config show --origin` what counts.',
      '',
    ),
    '',
    ...keys(schemaOf(settingsSchema), ''),
    '',
  ].join('\n');
}

function keys(schema: KeySchema, indent: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child], index) => {
    const space = index === 0 ? [] : [''];
    if (isSection(child)) {
      const inner = keys(child, `${indent}  `);
      return [...space, ...comment(child.description ?? '', indent), `${indent}${name}:`, ...inner];
    }
    const says = [child.description, effectText(child)].filter(Boolean).join(' ');
    return [...space, ...comment(says, indent), `${indent}#${name}: ${exampleValue(child)}`.trimEnd()];
  });
}

function exampleValue(schema: KeySchema): string {
  return schema.default === undefined ? '' : yamlText(schema.default);
}

function comment(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = `${indent}#`;
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indent}#`;
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

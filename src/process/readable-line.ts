import { type InspectColor, inspect } from 'node:util';

const colours: Readonly<Record<string, InspectColor>> = {
  fatal: 'bgRed',
  error: 'red',
  warn: 'yellow',
  info: 'green',
  debug: 'blue',
  trace: 'gray',
};

/** What stands in the first line, or nowhere since a terminal has one process to show. */
const shownApart = new Set(['time', 'level', 'name', 'msg', 'pid', 'hostname']);

/**
 * One log record for a person at a terminal: time of day, level, who speaks and the sentence; below it the rest, one key a line, and
 * stacks as they are. The record has been made harmless for a terminal before (`printable`), so only the colours are control
 * characters here.
 */
export function readableLine(
  record: Readonly<Record<string, unknown>>,
  { colour }: { readonly colour: boolean },
): string {
  const paint = (text: string, by: InspectColor) => (colour ? styled(text, by) : text);
  const { time, level, name, msg } = record;
  const label = String(level ?? 'info');
  const first = [
    paint(`[${timeOfDay(time)}]`, 'gray'),
    paint(label.toUpperCase(), colours[label] ?? 'green'),
    `(${String(name)}):`,
    ...(msg === undefined ? [] : [paint(String(msg), 'cyan')]),
  ].join(' ');
  const rest = Object.entries(record)
    .filter(([key]) => !shownApart.has(key))
    .map(([key, value]) => `    ${paint(key, 'magenta')}: ${valueText(value)}`);
  return `${[first, ...rest].join('\n')}\n`;
}

/** `14:03:59.123`, by this machine's clock and zone. */
function timeOfDay(time: unknown): string {
  const date = new Date(String(time));
  if (Number.isNaN(date.getTime())) return String(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const millis = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`;
}

function valueText(value: unknown): string {
  const indent = (text: string, by: string) => text.replaceAll('\n', `\n${by}`);
  if (typeof value !== 'object' || value === null) return String(value);
  if ('stack' in value && typeof value.stack === 'string') {
    const { stack, type: _type, message: _message, ...rest } = value as Record<string, unknown>;
    const more = Object.keys(rest).length === 0 ? '' : `\n${JSON.stringify(rest, undefined, 2)}`;
    return indent(`${String(stack)}${more}`, '      ');
  }
  return indent(JSON.stringify(value, undefined, 2), '    ');
}

function styled(text: string, by: InspectColor): string {
  const [on, off] = inspect.colors[by] ?? [0, 0];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

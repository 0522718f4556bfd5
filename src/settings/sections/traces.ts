import { Type } from 'typebox';
import { section } from '../keys/groups.ts';
import { fraction, text } from '../keys/plain.ts';

export const traces = section(
  'OpenTelemetry traces of requests, a move above all, through proxy and backend. They hold match ids, pseudonyms and times, and no name, address, token or move.',
  {
    endpoint: Type.Optional(
      text({
        description:
          'Where traces are sent, as OTLP over HTTP (JSON), with its path: http://127.0.0.1:4318/v1/traces. Without one there are none, and nothing is loaded or paid for them.',
        expected: 'an address that begins with https:// or http://',
        pattern: '^https?://[^\\s]+$',
        change: 'live',
      }),
    ),
    sampleRatio: fraction({
      description:
        'The part of requests that is traced; the backend traces what the proxy does. Each costs some ten microseconds in each process, and its sending.',
      least: 0,
      most: 1,
      change: 'live',
      default: 0.01,
    }),
    headers: Type.Optional(
      text({
        description:
          'Header fields for the collector, such as its key: NAME=VALUE, several with commas between them.',
        expected: 'NAME=VALUE, several with commas between them',
        pattern:
          "^[!#$%&'*+.^_`|~0-9A-Za-z-]+=[^,\\u0000-\\u001f\\u007f]*(,[!#$%&'*+.^_`|~0-9A-Za-z-]+=[^,\\u0000-\\u001f\\u007f]*)*$",
        most: 4096,
        secret: 'whole',
        change: 'live',
      }),
    ),
  },
);

import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { parseStrictJson } from '../../protocol/strict-json.ts';
import { AuthError } from '../auth-error.ts';

/**
 * Makes a scope of routes read what it is sent in one way only: JSON in UTF-8 without content coding, no name twice, then
 * exactly what the schema says, without dropping, defaulting or converting anything.
 */
export function readStrictly(scope: FastifyInstance): void {
  scope.addHook('onRequest', async (request) => {
    // Before the body is touched: nothing that a stranger compressed is ever inflated.
    if (request.headers['content-encoding'] !== undefined) throw new AuthError('media_type_unsupported');
  });
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => parseBody(body),
  );
  scope.setValidatorCompiler(compileSchema);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseBody(body: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw new AuthError('body_invalid', { rule: 'body.utf8', detail: 'The body is not UTF-8.' });
  }
  const reading = parseStrictJson(text);
  if (!reading.ok) {
    throw new AuthError('body_invalid', {
      rule: 'body.json',
      detail: `The body is refused: ${reading.reason}.`,
    });
  }
  return reading.value;
}

const compileSchema: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  return (value: unknown) => {
    if (validator.Check(value)) return { value };
    const [first] = validator.Errors(value);
    return {
      error: new AuthError('body_invalid', {
        rule: `schema.${ruleOf(first?.keyword)}`,
        detail: `Not as expected: ${placeOf(first?.instancePath ?? '', schema) ?? httpPart ?? 'request'}.`,
      }),
    };
  };
};

/** A member that the schema does not have is reported as one whose schema is `false`. */
function ruleOf(keyword: string | undefined): string {
  return keyword === 'boolean' ? 'additionalProperties' : (keyword ?? 'type');
}

/** The member of ours that is wrong. Neither a name nor a value that the other side chose: it may be a password. */
function placeOf(instancePath: string, schema: TSchema): string | undefined {
  const [, member] = instancePath.split('/');
  const known = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  return member !== undefined && known.includes(member) ? member : undefined;
}

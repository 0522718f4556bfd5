/** A collector of traces in thirty lines: OTLP over HTTP, as JSON (opentelemetry-proto, `ExportTraceServiceRequest`). */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface OtlpCollector {
  readonly endpoint: string;
  readonly spans: readonly CollectedSpan[];
  /** Everything that came, as it came. */
  readonly bodies: readonly string[];
  readonly headers: readonly IncomingHttpHeaders[];
  /** Waits until the spans so far are enough. */
  until(enough: (spans: readonly CollectedSpan[]) => boolean): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface OtlpCollectorOptions {
  /** `hangs` takes requests and never answers them. */
  readonly manner?: 'answers' | 'hangs' | 'refuses';
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}
type RawSpan = Omit<CollectedSpan, 'service' | 'attributes'> & { readonly attributes: readonly Attribute[] };
interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[];
  }[];
}

export async function startOtlpCollector({
  manner = 'answers',
}: OtlpCollectorOptions = {}): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = [];
  const bodies: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    headers.push(request.headers);
    bodies.push(body);
    spans.push(...spansOf(JSON.parse(body) as ExportRequest));
    arrived.resolve();
    arrived = Promise.withResolvers();
    if (manner === 'hangs') return;
    response.writeHead(manner === 'answers' ? 200 : 400, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    bodies,
    headers,
    until: async (enough) => {
      while (!enough(spans)) await arrived.promise;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function spansOf({ resourceSpans }: ExportRequest): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = valuesOf(resource.attributes)['service.name'] ?? '';
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({ ...span, service, attributes: valuesOf(span.attributes) })),
    );
  });
}

function valuesOf(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? '']));
}

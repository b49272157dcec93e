import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentId: string;
  /** Ids of the spans it is linked to. */
  links: string[];
  attributes: Record<string, string | number>;
}

/** What an OpenTelemetry collector is to an exporter: it takes OTLP over HTTP, as protobuf. */
export interface OtlpReceiver {
  url: string;
  spans(): ReceivedSpan[];
  /** The names of the metrics received. */
  metrics(): Set<string>;
  /** Every text of every message, as it was sent. */
  text(): string;
  close(): Promise<void>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const bodies = { traces: [] as Buffer[], metrics: [] as Buffer[] };
  const server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const kind = /^\/v1\/(traces|metrics)$/.exec(request.url ?? "")?.[1] as keyof typeof bodies;
      const isProtobuf = request.headers["content-type"] === "application/x-protobuf";
      if (kind !== undefined && isProtobuf) bodies[kind].push(Buffer.concat(pieces));
      response.writeHead(kind !== undefined && isProtobuf ? 200 : 400).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => bodies.traces.flatMap(readSpans),
    metrics: () => new Set(bodies.metrics.flatMap(readMetricNames)),
    text: () => Buffer.concat([...bodies.traces, ...bodies.metrics]).toString("utf8"),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** The fields of a protobuf message by number: bytes of a nested one, or a number. */
function readMessage(bytes: Buffer): Map<number, (Buffer | number)[]> {
  const fields = new Map<number, (Buffer | number)[]>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const values = fields.get(tag >> 3) ?? [];
    fields.set(tag >> 3, values);
    const wire = tag & 7;
    if (wire === 0) values.push(varint());
    else {
      const size = wire === 2 ? varint() : wire === 1 ? 8 : 4;
      values.push(bytes.subarray(at, at + size));
      at += size;
    }
  }
  return fields;
}

const nested = (message: Map<number, (Buffer | number)[]>, field: number) =>
  (message.get(field) ?? []).map((value) => readMessage(value as Buffer));
const textOf = (message: Map<number, (Buffer | number)[]>, field: number) =>
  String(message.get(field)?.[0] ?? "");
const hexOf = (message: Map<number, (Buffer | number)[]>, field: number) =>
  (message.get(field)?.[0] as Buffer | undefined)?.toString("hex") ?? "";

/** Numbers of the fields: opentelemetry-proto, trace.proto and common.proto. */
function readSpans(body: Buffer): ReceivedSpan[] {
  const spans = nested(readMessage(body), 1)
    .flatMap((resource) => nested(resource, 2))
    .flatMap((scope) => nested(scope, 2));
  return spans.map((span) => ({
    traceId: hexOf(span, 1),
    spanId: hexOf(span, 2),
    parentId: hexOf(span, 4),
    name: textOf(span, 5),
    links: nested(span, 13).map((link) => hexOf(link, 2)),
    attributes: Object.fromEntries(
      nested(span, 9).map((pair) => {
        const [value] = nested(pair, 2);
        const number = value?.get(3)?.[0];
        return [textOf(pair, 1), (number as number) ?? textOf(value ?? new Map(), 1)];
      }),
    ),
  }));
}

function readMetricNames(body: Buffer): string[] {
  return nested(readMessage(body), 1)
    .flatMap((resource) => nested(resource, 2))
    .flatMap((scope) => nested(scope, 2))
    .map((metric) => textOf(metric, 1));
}

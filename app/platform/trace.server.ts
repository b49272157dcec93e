import { AsyncLocalStorage } from "node:async_hooks";
import type { LogFields } from "./log-fields.server.ts";

/** What a span may say: the fields of log lines, so that neither says what the other must not. */
export type SpanFields = Omit<LogFields, "err"> & { readonly route?: string };

export type SpanName =
  | "request"
  | "store"
  | "claim ad accounts"
  | "deliver ad account"
  | "send batch"
  | "settle batch"
  | "ask Shopify"
  | "job";

export interface Span {
  set(fields: SpanFields): void;
}

/** A span that is under way in a process that exports traces. */
export interface OpenSpan extends Span {
  traceId: string;
  fail(): void;
  end(): void;
}

export interface SpanStart {
  name: SpanName;
  fields: SpanFields;
  parent: OpenSpan | undefined;
  links: readonly OpenSpan[];
  startedAtMs?: number;
}

type StartSpan = (start: SpanStart) => OpenSpan;

/** Null in a process that exports none, and then a span costs one comparison. */
let startSpan: StartSpan | null = null;
const active = new AsyncLocalStorage<OpenSpan>();
const marked = new WeakMap<object, OpenSpan>();
const NO_SPAN: Span = { set() {} };

/** Records spans from now on; with null, no more. */
export function recordSpans(start: StartSpan | null): void {
  startSpan = start;
}

export function isTracing(): boolean {
  return startSpan !== null;
}

/**
 * Does work within a span. A span with links begins a trace of its own: it serves many requests,
 * and none of them is its parent.
 */
export function traced<Result>(
  name: SpanName,
  fields: SpanFields,
  work: (span: Span) => Promise<Result>,
  links?: readonly object[],
): Promise<Result> {
  if (startSpan === null) return work(NO_SPAN);
  const span = startSpan({
    name,
    fields,
    parent: links === undefined ? active.getStore() : undefined,
    links: (links ?? []).flatMap((one) => marked.get(one) ?? []),
  });
  return active.run(span, async () => {
    try {
      return await work(span);
    } catch (error) {
      span.fail();
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Records what has happened, when it is known to be worth a span. */
export function recordSpan(name: SpanName, startedAtMs: number, fields: SpanFields): void {
  startSpan?.({ name, fields, parent: active.getStore(), links: [], startedAtMs }).end();
}

/** Adds to the span that is under way. */
export function annotateSpan(fields: SpanFields): void {
  active.getStore()?.set(fields);
}

/** Lets a span that handles the item later be linked to the one that is under way. */
export function markForSpan<Item extends object>(item: Item): Item {
  const span = active.getStore();
  if (span !== undefined) marked.set(item, span);
  return item;
}

export function currentTraceId(): string | undefined {
  return active.getStore()?.traceId;
}

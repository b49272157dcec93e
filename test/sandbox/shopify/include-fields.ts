import { z } from "zod";

/**
 * The fields that are requested whole. The mere presence of a key marks a line as a tip, and it is
 * undocumented whether a requested key is sent as null if it has no value.
 */
const WHOLE = new Set(["line_items"]);
/** Shopify's pages show one dot in a path and no more: what lies deeper comes with its parent. */
const MAX_DEPTH = 2;

type Body = Record<string, unknown>;

/** `include_fields` of a subscription whose bodies are read by this schema. */
export function includeFieldsOf(schema: z.ZodType): string[] {
  return pathsOf(schema, []).toSorted();
}

function pathsOf(schema: z.ZodType, path: string[]): string[] {
  const shape = path.length === MAX_DEPTH || WHOLE.has(path.join(".")) ? null : shapeOf(schema);
  if (shape === null) return [path.join(".")];
  return Object.entries(shape).flatMap(([key, field]) => pathsOf(field, [...path, key]));
}

/** The fields of an object, or of the objects of a list; null for all else. */
function shapeOf(schema: z.ZodType): Record<string, z.ZodType> | null {
  if (schema instanceof z.ZodObject) return schema.shape as Record<string, z.ZodType>;
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodCatch
  ) {
    return shapeOf(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodArray) return shapeOf(schema.element as z.ZodType);
  if (schema instanceof z.ZodPipe) return shapeOf(schema.out as z.ZodType);
  if (schema instanceof z.ZodUnion) {
    const shapes = (schema.options as z.ZodType[]).map(shapeOf);
    return shapes.find((shape) => shape !== null) ?? null;
  }
  return null;
}

/** A body as Shopify sends it for `include_fields`. */
export function cutBody(body: Body, fields: readonly string[]): Body {
  return cut(
    body,
    fields.map((field) => field.split(".")),
  ) as Body;
}

function cut(value: unknown, paths: string[][]): unknown {
  if (paths.some((path) => path.length === 0)) return value;
  if (Array.isArray(value)) return value.map((item) => cut(item, paths));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).flatMap(([key, field]) => {
    const inner = paths.filter(([first]) => first === key).map(([, ...rest]) => rest);
    return inner.length === 0 ? [] : [[key, cut(field, inner)] as const];
  });
  return Object.fromEntries(kept);
}

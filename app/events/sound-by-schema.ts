import type { z } from "zod";

type Check = (value: unknown) => boolean;
type Schema = z.core.$ZodTypes;

/**
 * A quick check made from a schema, for values that come thousands of times a second. It may only
 * confirm that a value is valid: that the schema accepts it and returns it unchanged, apart from
 * unknown keys. Where it does not confirm, the schema is run, which decides and names the fault.
 */
export function soundBySchema<S extends z.ZodType>(
  schema: S,
): (value: unknown) => value is z.output<S> & z.input<S> {
  return toCheck(schema) as (value: unknown) => value is z.output<S> & z.input<S>;
}

function toCheck(schema: z.core.$ZodType): Check {
  const { def } = (schema as Schema)._zod;
  switch (def.type) {
    case "object":
      return def.checks?.length ? asked(schema) : objectCheck(schema, def);
    case "array":
      return arrayCheck(schema, def);
    case "string":
      return stringCheck(schema, def);
    case "number":
      return numberCheck(schema, def);
    case "custom":
      return def.checks?.length ? asked(schema) : (value) => Boolean(def.fn(value as never));
    case "unknown":
      return () => true;
    // A schema with `catch` changes a faulty value.
    case "catch":
      return toCheck(def.innerType);
    case "optional":
      return or(undefined, toCheck(def.innerType));
    case "nullable":
      return or(null, toCheck(def.innerType));
    case "pipe":
      return both(toCheck(def.in), toCheck(def.out));
    case "union": {
      const options = def.options.map(toCheck);
      return options.reduce((first, then) => (value) => first(value) || then(value));
    }
    default:
      return asked(schema);
  }
}

/** Falls back to the schema itself, for kinds without a quick check. */
function asked(schema: z.core.$ZodType): Check {
  const { safeParse } = schema as z.ZodType;
  return (value) => {
    const parsed = safeParse(value);
    return parsed.success && parsed.data === value;
  };
}

function or(other: null | undefined, isSound: Check): Check {
  return (value) => value === other || isSound(value);
}

function both(first: Check, second: Check): Check {
  return (value) => first(value) && second(value);
}

function objectCheck(schema: z.core.$ZodType, { shape, catchall }: z.core.$ZodObjectDef): Check {
  const isClosed = catchall?._zod.def.type === "never";
  if (catchall !== undefined && !isClosed) return asked(schema);
  const fields = Object.entries(shape).map(([key, field]) => {
    const isSound = toCheck(field);
    return { key, isSound, mayLack: isSound(undefined) };
  });
  const known = new Set(Object.keys(shape));
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const object = value as Record<string, unknown>;
    let present = 0;
    for (const { key, isSound, mayLack } of fields) {
      const part = object[key];
      // Most optional keys are absent: saves a call for each.
      if (part === undefined ? !mayLack : !isSound(part)) return false;
      if (part !== undefined) present += 1;
    }
    return !isClosed || holdsNoOther(object, present, known);
  };
}

/** `present` counts the known keys that have a value. */
function holdsNoOther(object: object, present: number, known: ReadonlySet<string>): boolean {
  let all = 0;
  for (const _ in object) all += 1;
  // Counting them is quicker than looking each of them up.
  if (all === present) return true;
  for (const key in object) if (!known.has(key)) return false;
  return true;
}

function arrayCheck(schema: z.core.$ZodType, { element, checks }: z.core.$ZodArrayDef): Check {
  const isItemSound = toCheck(element);
  const fits = combineChecks(checks);
  if (fits === null) return asked(schema);
  return (value) => {
    if (!Array.isArray(value) || !fits(value as never)) return false;
    for (const item of value) if (!isItemSound(item)) return false;
    return true;
  };
}

function stringCheck(schema: z.core.$ZodType, def: z.core.$ZodStringDef): Check {
  const fits = "format" in def || def.coerce ? null : combineChecks(def.checks);
  if (fits === null) return asked(schema);
  return (value) => typeof value === "string" && fits(value as never);
}

function numberCheck(schema: z.core.$ZodType, def: z.core.$ZodNumberDef): Check {
  const isWhole = "format" in def && def.format === "safeint";
  const fits = isWhole && !def.coerce ? combineChecks(def.checks) : null;
  if (fits === null) return asked(schema);
  return (value) => Number.isSafeInteger(value) && fits(value as never);
}

type Fits = (value: never) => boolean;

/** Null where no quick check of the kind exists. */
function combineChecks(checks: readonly z.core.$ZodCheck<never>[] = []): Fits | null {
  const fits = checks.map((check) => toFits((check as z.core.$ZodChecks)._zod.def));
  if (fits.includes(null)) return null;
  const [only = () => true, ...more] = fits as Fits[];
  return more.reduce<Fits>((first, then) => (value) => first(value) && then(value), only);
}

function toFits(def: z.core.$ZodChecks["_zod"]["def"]): Fits | null {
  switch (def.check) {
    case "min_length":
      return ({ length }: { length: number }) => length >= def.minimum;
    case "max_length":
      return ({ length }: { length: number }) => length <= def.maximum;
    case "greater_than":
      return typeof def.value === "number" ? atLeast(def.value, def.inclusive) : null;
    case "less_than":
      return typeof def.value === "number" ? atMost(def.value, def.inclusive) : null;
    case "string_format":
      return formatFits(def);
    default:
      return null;
  }
}

function atLeast(limit: number, isInclusive: boolean): Fits {
  return (value: number) => (isInclusive ? value >= limit : value > limit);
}

function atMost(limit: number, isInclusive: boolean): Fits {
  return (value: number) => (isInclusive ? value <= limit : value < limit);
}

function formatFits(def: z.core.$ZodCheckStringFormatDef): Fits | null {
  const { pattern, format } = def;
  if (format === "starts_with") {
    const { prefix } = def as z.core.$ZodCheckStartsWithDef;
    return (value: string) => value.startsWith(prefix);
  }
  const isPattern = pattern !== undefined && (format === "regex" || format === "ipv4");
  // A pattern that keeps state would answer differently the second time.
  return isPattern && !pattern.global && !pattern.sticky
    ? (value: string) => pattern.test(value)
    : null;
}

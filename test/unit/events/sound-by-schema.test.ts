import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { conversionEvent } from "#app/events/conversion-event.ts";
import { soundBySchema } from "#app/events/sound-by-schema.ts";
import { checkoutBody } from "#app/intake/read/read-checkout.server.ts";
import { customerBody } from "#app/intake/read/read-customer.server.ts";
import { parseLongIntegers } from "#app/intake/read/read-json-object.server.ts";
import { orderBody } from "#app/intake/read/read-order.server.ts";
import { tampered } from "../../support/tampered.ts";
import { mapOrderBody, sentEvent, webOrder } from "../mapping/web-order.ts";

/** Shopify's samples have ids that no float holds. */
function sample(name: string): object {
  return parseLongIntegers(readFileSync(`test/fixtures/shopify/${name}.json`)) ?? {};
}

const event = sentEvent(mapOrderBody(webOrder()));
const eventByIpv6 = sentEvent(
  mapOrderBody({
    ...webOrder(),
    client_details: { browser_ip: "2001:db8::8a2e:370:7334", user_agent: "Firefox" },
  }),
);

/** Kinds of schema that no schema above has, or has in one form alone. */
const odd = z.object({
  plain: z.string(),
  trimmed: z.string().trim(),
  email: z.email(),
  refined: z.string().refine((text) => text !== "x"),
  doubled: z.string().transform((text) => text + text),
  preset: z.string().default("preset"),
  coerced: z.coerce.string(),
  above: z.int().gt(0).lt(10),
  float: z.number().min(0.5),
  open: z.looseObject({ a: z.string() }),
  rest: z.object({ a: z.string() }).catchall(z.int()),
  whole: z.object({ a: z.string() }).refine(({ a }) => a !== "x"),
  list: z.array(z.string()).min(1).max(2),
  caught: z.string().catch("caught"),
  sticky: z.string().regex(/a/g),
  tuple: z.tuple([z.string(), z.int()]),
});
const oddValue = {
  plain: "a",
  trimmed: "a",
  email: "a@example.com",
  refined: "a",
  doubled: "a",
  preset: "a",
  coerced: "a",
  above: 1,
  float: 1.5,
  open: { a: "a", b: 1 },
  rest: { a: "a", b: 1 },
  whole: { a: "a" },
  list: ["a"],
  caught: "a",
  sticky: "a",
  tuple: ["a", 1],
};

test.each<[string, z.ZodType, object[]]>([
  ["order", orderBody, [webOrder(), sample("2026-07.orders_create")]],
  ["checkout", checkoutBody, [sample("2026-07.checkouts_create")]],
  ["customer", customerBody, [sample("2026-07.customers_create")]],
  ["event", conversionEvent, [event, eventByIpv6]],
])("a usual %s is sound, and what is sound the schema takes as it is", (_, schema, usual) => {
  const isSound = soundBySchema(schema);
  for (const value of usual) expect(isSound(value)).toBe(true);
  holdToSchema(isSound, schema, usual);
});

test("a kind of schema that changes or adds what it takes is asked itself", () => {
  for (const [key, schema] of Object.entries(odd.shape)) {
    const value = oddValue[key as keyof typeof oddValue];
    const one = z.object({ [key]: schema });
    holdToSchema(soundBySchema(one), one, [{ [key]: value }, { [key]: " x " }, { [key]: "x" }, {}]);
  }
});

function holdToSchema(
  isSound: (value: unknown) => boolean,
  schema: z.ZodType,
  bases: readonly object[],
): void {
  const holds = (value: object) => {
    if (!isSound(value)) return;
    const parsed = schema.safeParse(value);
    expect(parsed.error?.issues ?? []).toEqual([]);
    expect(value).toMatchObject(parsed.data as object);
  };
  for (const base of bases) {
    holds(base);
    for (const [key, part] of Object.entries({ of: base, ...base })) {
      if (typeof part !== "object" || part === null || Array.isArray(part)) continue;
      const more = { ...part, unknown_key: "x" };
      holds(key === "of" ? more : { ...base, [key]: more });
    }
  }
  fc.assert(fc.property(tampered(bases), holds), { numRuns: 300 });
}

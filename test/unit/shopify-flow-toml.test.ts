import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { flowProperties } from "#app/flow/read-flow-action.server.ts";

/** What a merchant may choose from the workflow's own data; it arrives as `order_id`. */
const reference = z.strictObject({
  type: z.enum(["order_reference", "customer_reference"]),
  description: z.string().min(1),
  required: z.boolean(),
});

const field = z.strictObject({
  type: z.enum(["single_line_text_field", "email", "number_decimal", "url"]),
  key: z.string().regex(/^[A-Za-z]+$/),
  name: z.string().min(1),
  description: z.string().min(1),
  required: z.boolean(),
});

/** The keys that Shopify's command line knows and we use. */
const extensionToml = z.strictObject({
  extensions: z.tuple([
    z.strictObject({
      name: z.string().min(1).max(50),
      type: z.literal("flow_action"),
      handle: z.string().regex(/^[a-z0-9-]{1,30}$/),
      uid: z.string(),
      description: z.string().min(1),
      runtime_url: z.string().regex(/^\/[a-z/-]+$/),
    }),
  ]),
  settings: z.strictObject({ fields: z.array(z.union([reference, field])) }),
});

const FILE = new URL("../../extensions/pinrelay-flow/shopify.extension.toml", import.meta.url);

const readToml = () => extensionToml.parse(parse(readFileSync(FILE, "utf8")));

/** The name under which Shopify Flow sends a field. */
const sentName = (given: z.infer<typeof field> | z.infer<typeof reference>) =>
  "key" in given ? given.key : given.type.replace("_reference", "_id");

describe("what Shopify is told of the Flow action", () => {
  test("only keys that Shopify knows are used", () => {
    expect(() => readToml()).not.toThrow();
  });

  test("each field that a merchant can fill is one that is read, and the other way round", () => {
    const sent = readToml().settings.fields.map(sentName);
    expect(sent.toSorted()).toEqual(Object.keys(flowProperties.shape).toSorted());
  });

  test("only what no event can do without is required", () => {
    const required = readToml().settings.fields.filter((given) => given.required);
    expect(required.map(sentName)).toEqual(["eventName"]);
  });

  test("runs are sent to an address that the app has", () => {
    const { runtime_url } = readToml().extensions[0];
    const addresses = readFileSync(new URL("../../app/routes.ts", import.meta.url), "utf8");
    expect(addresses).toContain(`route("${runtime_url.slice(1)}", `);
  });
});

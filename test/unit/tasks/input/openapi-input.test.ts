import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { describeOpenApi } from "#app/tasks/openapi/describe-openapi.server.ts";
import {
  failureDocumentSchema,
  type sendDocumentSchema,
  type tagDocumentSchema,
  type tagsDocumentSchema,
} from "#app/tasks/openapi/describe-schemas.server.ts";
import type {
  FailureDocument,
  SendDocument,
  TagDocument,
  TagsDocument,
} from "#app/tasks/task-document.server.ts";
import { faultsOf, HASH, NOW } from "./read-input.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests take descriptions apart freely
type Json = Record<string, any>;

const KEYS = [
  ..."task accessToken adAccountId eventName customEventName events email phone".split(" "),
  ..."externalId firstName lastName gender dateOfBirth city state zip country".split(" "),
  ..."clientIpAddress clientUserAgent clickId eventTime eventId eventSourceUrl value".split(" "),
  ..."currency orderId orderQuantity productId contents actionSource".split(" "),
  ..."isAlreadyHashed conversionTagId optOut optOutType test webhookUrl demoMode".split(" "),
  "waitSeconds",
];

const description = describeOpenApi() as Json;
const { schemas } = description.components;
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
// zod's word for `startsWith`; its pattern says the same.
ajv.addFormat("starts_with", true);
ajv.addSchema({ $id: "https://pinrelay.example/api", components: { schemas } });

function validator(name: string): ValidateFunction {
  const validate = ajv.getSchema(`https://pinrelay.example/api#/components/schemas/${name}`);
  if (validate === undefined) throw new Error(`no ${name}`);
  return validate;
}

const acceptsInput = validator("TaskInput");

describe("the description of the API", () => {
  test.each(Object.keys(schemas))("has a schema %s that can be used", (name) => {
    expect(validator(name)).toBeTypeOf("function");
    expect(JSON.stringify(schemas[name])).not.toMatch(/"\$(id|schema)"/);
  });

  test("names every key of the input, and no other", () => {
    expect(Object.keys(schemas.TaskInput.properties).sort()).toEqual([...KEYS].sort());
  });

  test("says what each key means", () => {
    for (const [key, property] of Object.entries<Json>(schemas.TaskInput.properties)) {
      expect(property.description, key).toMatch(/\w/);
    }
  });

  test("is OpenAPI 3.1 in form, and points nowhere else", () => {
    expect(description.openapi).toBe("3.1.0");
    expect(description.info).toMatchObject({ title: "Pinrelay", version: expect.any(String) });
    const references = JSON.stringify(description).matchAll(/"\$ref":"([^"]*)"/g);
    for (const [, target = ""] of references) {
      expect(schemas).toHaveProperty(target.replace("#/components/schemas/", ""));
    }
    const { post } = description.paths["/api/v1/tasks"];
    expect(post.security).toEqual([{ apiKey: [] }]);
    expect(description.components.securitySchemes.apiKey).toMatchObject({ scheme: "bearer" });
    const statuses = ["200", "400", "401", "403", "404", "413", "429", "502", "503"];
    expect(Object.keys(post.responses)).toEqual(statuses);
  });

  test("has an example of every request and answer, and each fits what it is an example of", () => {
    const { post } = description.paths["/api/v1/tasks"];
    const bodies: Json[] = [post.requestBody, ...Object.values(post.responses)];
    for (const body of bodies) {
      const { schema, examples } = body.content["application/json"];
      const names: Json[] = schema.anyOf ?? [schema];
      const validators = names.map(({ $ref }) => validator($ref.split("/").at(-1)));
      expect(Object.keys(examples).length).toBeGreaterThan(0);
      for (const { value } of Object.values<Json>(examples)) {
        expect(validators.some((fits) => fits(value))).toBe(true);
      }
    }
    for (const { value } of Object.values<Json>(
      post.requestBody.content["application/json"].examples,
    )) {
      expect(faultsOf(value)).toEqual({});
    }
  });

  test("describes exactly the documents that tasks answer", () => {
    // Types alone: a key that one of the two lacks does not compile.
    const fits: [
      (document: SendDocument) => z.infer<typeof sendDocumentSchema>,
      (document: TagsDocument) => z.infer<typeof tagsDocumentSchema>,
      (document: TagDocument) => z.infer<typeof tagDocumentSchema>,
      (document: FailureDocument) => z.infer<typeof failureDocumentSchema>,
    ] = [(each) => each, (each) => each, (each) => each, (each) => each];
    expect(fits).toHaveLength(4);
    expect(failureDocumentSchema.safeParse({ task: null, ok: false }).success).toBe(false);
  });
});

const long = (length: number) => "x".repeat(length);

describe("the description and the reader agree", () => {
  test.each<Json>([
    {},
    Object.fromEntries(KEYS.map((key) => [key, null])),
    Object.fromEntries(KEYS.filter((key) => key !== "task").map((key) => [key, " "])),
    { email: "a@x.com", phone: ["+14155550123"], value: "49.90", currency: "eur" },
    { eventName: "custom", customEventName: "Größe", eventTime: NOW },
    { eventTime: "2026-11-24T09:00:00.25+01:00", eventSourceUrl: "https://x.example/ü" },
    { eventTime: `${NOW - 5}.5`, clientIpAddress: "203.0.113.24", clientUserAgent: "M" },
    { clientIpAddress: "2001:db8::1", clickId: "dj0", eventId: "ü 1", orderId: "1" },
    { adAccountId: 549755885175, accessToken: " abc ", waitSeconds: 0.5, test: true },
    { contents: [{ id: "a", itemPrice: 5, quantity: 2, itemName: null }], orderQuantity: 2 },
    { contents: [], email: [], isAlreadyHashed: true },
    { email: HASH, isAlreadyHashed: true, optOut: false, optOutType: "LDP" },
    { value: -5.25, productId: "p", actionSource: "offline", demoMode: true },
    { webhookUrl: "https://x.example/hook", conversionTagId: "2617998078212" },
    { task: "send_batch_events", events: [{ email: "a@x.com" }, {}] },
    { task: "send_batch_events", events: '[{"value":1}]' },
  ])("that this is right: %j", (input) => {
    expect(faultsOf(input)).toEqual({});
    expect(acceptsInput(input), ajv.errorsText(acceptsInput.errors)).toBe(true);
  });

  test.each<unknown>([
    null,
    [],
    "text",
    { e_mail: "a@x.com" },
    { task: "send" },
    { eventName: "purchase" },
    { customEventName: " x", eventName: "custom" },
    { email: 5 },
    { email: [null] },
    { email: long(501) },
    { firstName: Array(51).fill("x") },
    { value: "1,000.00" },
    { value: "1e3" },
    { value: "-0.0" },
    { value: 1e16 },
    { value: true },
    { currency: "EURO" },
    { orderId: 1001 },
    { orderId: "a\u0000" },
    { eventId: long(257) },
    { eventId: "😀" },
    { orderQuantity: 0 },
    { orderQuantity: 1.5 },
    { orderQuantity: "1" },
    { eventTime: NOW * 1_000 },
    { eventTime: "2026-11-24 10:00" },
    { eventTime: "24.11.2026" },
    { eventSourceUrl: "shop.example" },
    { webhookUrl: "ftp://x.example" },
    { clientIpAddress: "203.0.113.24:443" },
    { clientUserAgent: long(2_001) },
    { clickId: "two words" },
    { contents: [{}] },
    { contents: [{ id: "a", price: 1 }] },
    { contents: [{ id: "a", quantity: "2" }] },
    { contents: Array(501).fill({ id: "a" }) },
    { contents: "a" },
    { actionSource: "shop" },
    { isAlreadyHashed: "true" },
    { optOutType: "CCPA" },
    { adAccountId: "1/2" },
    { adAccountId: -1 },
    { accessToken: "Bearer abc" },
    { waitSeconds: 31 },
    { demoMode: 1 },
    { task: "send_batch_events", events: [] },
    { task: "send_batch_events", events: Array(10_001).fill({}) },
    { task: "send_batch_events", events: [{ adAccountId: "1" }] },
    { task: "send_batch_events", events: [{ value: "x" }] },
    { task: "send_batch_events", events: [5] },
  ])("that this is wrong: %j", (input) => {
    expect(faultsOf(input)).not.toEqual({});
    expect(acceptsInput(input)).toBe(false);
  });

  // What hangs on another key, on the clock, or on more than a form.
  test.each<Json>([
    { email: "nobody" },
    { email: HASH.slice(1), isAlreadyHashed: true },
    { eventTime: "2026-02-30" },
    { customEventName: "x" },
    { eventTime: NOW + 301 },
    { eventTime: "1999-01-01T00:00:00Z" },
    { eventSourceUrl: "https://" + "[" },
    { task: "send_batch_events", events: "[" },
    { task: "send_batch_events" },
    { task: "send_batch_events", events: [{}], eventId: "x" },
    { events: [{}] },
    { task: "get_conversion_tag" },
    { value: -0 },
  ])("but that only the reader sees what is wrong with %j", (input) => {
    expect(faultsOf(input)).not.toEqual({});
    expect(acceptsInput(input)).toBe(true);
  });
});

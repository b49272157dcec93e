import { expect, test } from "vitest";
import { z } from "zod";
import { dataMap } from "#app/admin/privacy/data-map.ts";
import { conversionEvent } from "#app/events/conversion-event.ts";

/** Every key of a schema that may hold data, with its place: `custom_data.contents.id`. */
function keysOf(schema: z.core.$ZodType, place = ""): string[] {
  if (schema instanceof z.ZodOptional) return keysOf(schema.unwrap(), place);
  if (schema instanceof z.ZodArray) {
    const inner = keysOf(schema.element, place);
    return inner.length > 1 || place === "" ? [place, ...inner] : [place];
  }
  if (!(schema instanceof z.ZodObject)) return [place];
  return Object.entries<z.core.$ZodType>(schema.shape).flatMap(([key, value]) =>
    keysOf(value, place === "" ? key : `${place}.${key}`),
  );
}

test("the map of data lists every key of an event, each once, and no other", () => {
  const keys = keysOf(conversionEvent);
  expect(keys).toContain("user_data.em");
  expect(keys).toContain("custom_data.contents.item_price");
  const mapped = dataMap.flatMap(({ key }) => key ?? []);
  expect(mapped.toSorted()).toEqual(keys.toSorted());
});

test("what is hashed in the schema is said to be a hash, and nothing else is", () => {
  const hashed = dataMap.filter(({ sent }) => sent === "as a hash").map(({ key }) => key);
  const digest = "0".repeat(64);
  const isHash = (key: string) => {
    const parse = (value: unknown) =>
      conversionEvent.shape.user_data.safeParse({ [key]: value }).success;
    return parse([digest]) && !parse(["someone@shop.example"]);
  };
  const keys = Object.keys(conversionEvent.shape.user_data.shape);
  expect(hashed.toSorted()).toEqual(
    keys
      .filter(isHash)
      .map((key) => `user_data.${key}`)
      .toSorted(),
  );
});

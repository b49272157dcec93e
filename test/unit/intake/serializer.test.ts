import { expect, test } from "vitest";
import { createSerializer } from "#app/intake/serializer.server.ts";

test("one group is read at a time, in the order they came, and a fault stops no other", async () => {
  const serialize = createSerializer();
  const seen: string[] = [];
  const read = (name: string, fault?: Error) =>
    serialize(async () => {
      seen.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${name} ends`);
      if (fault !== undefined) throw fault;
      return name;
    });
  const faulty = read("first", new RangeError("broken"));
  const second = read("second");
  await expect(faulty).rejects.toThrow("broken");
  expect(await second).toBe("second");
  expect(seen).toEqual(["first begins", "first ends", "second begins", "second ends"]);
});

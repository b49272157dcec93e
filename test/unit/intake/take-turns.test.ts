import { expect, test } from "vitest";
import { takeTurns } from "#app/intake/take-turns.server.ts";

test("one group is read at a time, in the order they came, and a fault stops no other", async () => {
  const inTurn = takeTurns();
  const seen: string[] = [];
  const read = (name: string, fault?: Error) =>
    inTurn(async () => {
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

import { expect, test } from "vitest";
import { createByteBudget } from "#app/platform/bodies/byte-budget.server.ts";
import { readForm } from "#app/platform/http/read-form.server.ts";

const posted = (body: string) =>
  new Request("http://app.example/app", { method: "POST", body: new URLSearchParams({ x: body }) });

async function statusOf(reading: Promise<unknown>): Promise<number> {
  const thrown = await reading.then(
    () => null,
    (error: unknown) => error,
  );
  return thrown instanceof Response ? thrown.status : 200;
}

test("a form takes its part of the bytes in hand, and is told where there is no room", async () => {
  const budget = createByteBudget(1_000);
  const first = budget.open();
  expect(await statusOf(readForm(posted("x".repeat(600)), 2_000, first))).toBe(200);
  expect(budget.held()).toBe(602);
  expect(await statusOf(readForm(posted("x".repeat(600)), 2_000, budget.open()))).toBe(503);
  first.release();
  expect(await statusOf(readForm(posted("x".repeat(600)), 2_000, budget.open()))).toBe(200);
});

test("a form past its limit is too large, and one without NUL is what is left of it", async () => {
  expect(await statusOf(readForm(posted("x".repeat(99)), 50, createByteBudget().open()))).toBe(413);
  const form = await readForm(posted("a\u0000b\n\u0007c"), 99, createByteBudget().open());
  expect(form.get("x")).toBe("ab\nc");
});

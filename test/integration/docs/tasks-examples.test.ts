import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EVENT_KEYS, TOP_KEYS } from "#app/tasks/input/task-input.server.ts";
import { type ExampleWorld, openExampleWorld } from "./example-world.ts";
import { readPage } from "./page-examples.ts";

const PAGE = "docs/tasks.md";
const page = readPage(PAGE);

let world: ExampleWorld;

beforeAll(async () => {
  world = await openExampleWorld(page.files);
});
afterAll(() => world.close());

/** Without what differs from run to run. */
function settle(text: string): string {
  return text
    .replace(/("event_time": ?)\d{10}/g, "$11795514400")
    .replace(/("last_fired_time_ms": ?)\d{13}/g, "$11795510800000");
}

describe("what docs/tasks.md shows", () => {
  // In the order of the page: an example may use the file that one before it wrote.
  test.each(page.examples.map((example) => [example.line, example] as const))(
    "line %i prints what it says",
    async (_line, example) => {
      const { exitCode, output } = await world.run(example.command);
      const [shown, printed] = [example.output, output].map(settle) as [string, string];
      if (example.kind === "text") expect(printed).toBe(shown);
      else expect(JSON.parse(printed)).toEqual(JSON.parse(shown));
      expect(exitCode).toBe(example.exitCode);
    },
  );

  test("there are examples of each task", () => {
    const commands = page.examples.map((example) => example.command).join("\n");
    for (const task of [
      "send_event",
      "send_batch_events",
      "list_conversion_tags",
      "get_conversion_tag",
    ]) {
      expect(commands).toContain(`npx pinrelay ${task} `);
    }
  });

  test("its table of the input has every key", async () => {
    const text = await readFile(new URL(`../../../${PAGE}`, import.meta.url), "utf8");
    const table = text.slice(text.indexOf("\n## Input\n"), text.indexOf("\n## Result\n"));
    const cells = table.match(/^\| `[^|]*\|/gm)?.join("") ?? "";
    const named = [...cells.matchAll(/`(\w+)`/g)].map(([, key]) => key);
    expect(named.sort()).toEqual([...TOP_KEYS, ...EVENT_KEYS].sort());
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEMO_TOKEN } from "#test/sandbox/demo/install-demo-shop.ts";
import { demoShoppers } from "#test/sandbox/demo/sell-in-storefront.ts";
import { demoDay } from "#test/sandbox/demo/send-day.ts";
import { personalCanaries } from "#test/sandbox/personal-canaries.ts";
import { addressOf } from "#test/sandbox/sample-people.ts";
import { type DataFolder, makeDataFolder } from "./data-folder.ts";
import { findInFiles } from "./find-in-files.ts";

/** Shorter ones would be found by chance among so many bytes. */
const MIN_LENGTH = 9;

let folder: DataFolder;
let output = "";
let exitCode: number | null;

beforeAll(async () => {
  folder = await makeDataFolder();
  const demo = spawn(process.execPath, ["test/sandbox/demo.ts", "--once"], {
    env: { PATH: process.env.PATH, DATA_DIR: folder.dataDir, LOG_LEVEL: "trace" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [demo.stdout, demo.stderr]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString();
    });
  }
  [exitCode] = await once(demo, "close");
});
afterAll(() => folder.remove());

test("the demo sends a day of webhooks, prints a table that adds up, and ends with 0", async () => {
  expect(output).toContain("The sums match.");
  expect(exitCode).toBe(0);
  const [, ...row] = /^ +all +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$/m.exec(output) ?? [];
  const [received = 0, accepted = 0, rejected = 0, skipped = 0, expired = 0, pending = 0] =
    row.map(Number);
  expect(received).toBe(accepted + rejected + skipped + expired + pending);
  expect([accepted > 0, rejected, skipped > 0, expired, pending]).toEqual([true, 1, true, 0, 0]);
  expect(output).toMatch(/^Admin: http:\/\/127\.0\.0\.1:\d+\/store\/demo\/apps\/pinrelay$/m);
  expect(output).toMatch(/^Online store: http:\/\/127\.0\.0\.1:\d+\/storefront\/demo\/$/m);
});

test("the demo says what the online store's pixel adds for the same shoppers", () => {
  const row = (name: string) => {
    const [, without, withPixel] =
      new RegExp(`${name} +([\\d.]+) +([\\d.]+)$`, "m").exec(output) ?? [];
    return [Number(without), Number(withPixel)];
  };
  expect(row("purchases")).toEqual([6, 6]);
  expect(row("under the browser's id")).toEqual([0, 6]);
  expect(row("with Pinterest's click id")).toEqual([3, 6]);
  for (const name of ["events of the shoppers", "match keys of a purchase"]) {
    const [without = 0, withPixel = 0] = row(name);
    expect(withPixel, name).toBeGreaterThan(without);
  }
});

test("after the demo no shopper's data and no token is in DATA_DIR or in what was printed", async () => {
  const texts = [
    ...demoDay(Date.now()).flatMap(({ body }) => personalCanaries(body)),
    ...demoShoppers().flatMap(({ person }) =>
      personalCanaries({ ...addressOf(person), email: person.email }),
    ),
  ];
  const canaries = [...new Set([...texts, DEMO_TOKEN])].filter((text) => text.length >= MIN_LENGTH);
  expect(canaries.length).toBeGreaterThan(200);
  expect(await findInFiles(folder.dataDir, canaries)).toEqual([]);
  expect(canaries.filter((canary) => output.includes(canary))).toEqual([]);
});

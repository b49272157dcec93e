import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "./planted-tree.ts";
import { readText } from "./repository-files.ts";

const page = readText("docs/security.md");

/** Rows of a table of docs/security.md by their id. */
const rows = new Map(
  [...page.matchAll(/^\| ([A-Z_]{6,}|\d+\.\d+\.\d+) \| (.+?) \| (.+) \|$/gm)].map(
    ([, id = "", subject = "", heldBy = ""]) => [id, { subject, heldBy }],
  ),
);

const readList = (name: string) =>
  readText(`test/fixtures/security/${name}.tsv`)
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t") as [string, string]);

/** What is wrong with a row: it must name tests that exist, or give a reason. */
function findFaults(heldBy: string): string[] {
  const reason = /^(Not applicable|Documented): (.+)$/.exec(heldBy)?.[2];
  if (reason !== undefined) return reason.length > 15 ? [] : ["gives no reason"];
  return heldBy.split("<br>").flatMap((named) => {
    const [, file = "", title = ""] = /^`([\w/-]+\.(?:test|spec)\.ts)` › (.+)$/.exec(named) ?? [];
    const place = path.join("test", file);
    if (file === "" || !existsSync(path.join(projectRoot, place))) return [`no test: ${named}`];
    const isThere = ['"', "`"].some((quote) => readText(place).includes(quote + title + quote));
    return isThere ? [] : [`no such title: ${named}`];
  });
}

describe("the list of docs/security.md", () => {
  it.each([
    ["shopify", 37],
    ["asvs", 253 + 8],
  ])("has a row for each of %s, which names its test or its reason", (name, count) => {
    const list = readList(name);
    expect(new Set(list.map(([id]) => id)).size).toBe(count);
    const subjects = list.map(([id]) => [id, rows.get(id)?.subject]);
    expect(subjects).toEqual(list);
    const faults = list.flatMap(([id]) =>
      findFaults(rows.get(id)?.heldBy ?? "").map((fault) => `${id}: ${fault}`),
    );
    expect(faults).toEqual([]);
  });

  it("has no row of its own making", () => {
    const known = new Set([...readList("shopify"), ...readList("asvs")].map(([id]) => id));
    expect([...rows.keys()].filter((id) => !known.has(id))).toEqual([]);
  });

  it("would be found faulty without its tests and reasons", () => {
    expect(findFaults("")).not.toEqual([]);
    expect(findFaults("Not applicable: no")).not.toEqual([]);
    expect(findFaults("`processes/front.test.ts` › is gone")).not.toEqual([]);
    expect(findFaults("`processes/gone.test.ts` › is gone")).not.toEqual([]);
  });
});

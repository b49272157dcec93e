import { describe, expect, it } from "vitest";
import { listFiles, readText } from "./repository-files.ts";

/**
 * `for update` waits for the foreign keys of every row that names the locked one: whoever writes an
 * audit entry of a shop would stand in the way of whoever locks the shop, and deadlock with them.
 */
const STRICT_LOCK = /\bfor\s+update\b/i;

const sources = listFiles().filter((file) => /^app\/.*[.]tsx?$/.test(file));

describe("locks of rows", () => {
  it("let foreign keys pass", () => {
    expect(sources.filter((file) => STRICT_LOCK.test(readText(file)))).toEqual([]);
  });

  it.each([
    "select from shop where id = $1 for update",
    "select id from event e order by id limit 5 FOR  UPDATE of e skip locked",
  ])("would be found: %s", (text) => {
    expect(text).toMatch(STRICT_LOCK);
  });
});

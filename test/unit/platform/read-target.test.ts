import fc from "fast-check";
import { expect, test } from "vitest";
import { readTarget } from "#app/platform/http/read-target.server.ts";

test("a path is taken exactly when it is the address that it leads to", () => {
  const piece = fc.constantFrom("/", "webhooks", "v1", "_data", "-", ".", "..", "\\", "%41", "%2f");
  const more = fc.constantFrom("%00", "%", "\u00e9", "%c3%a9", " ", "\t", "//");
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, more), { maxLength: 6 }), (pieces) => {
      const path = `/${pieces.join("")}`;
      const led = URL.parse(path, "http://target.invalid");
      const target = readTarget(path);
      if (led?.host !== "target.invalid" || led.pathname !== path) expect(target).toBeNull();
      if (target !== null) expect(target).toEqual({ path, search: "" });
      if (/^(?:\/\w+)+$/.test(path)) expect(target).not.toBeNull();
    }),
  );
});

import { describe, expect, test } from "vitest";
import { scrub } from "#app/pinterest/scrub.server.ts";

describe("a message from Pinterest is kept without", () => {
  test.each([
    ["an access token", "Token pina_AMA23-x.y/z+w= is bad", "Token [removed] is bad"],
    ["a refresh token", "pinr.eyJhbGciOi.x_y-z expired", "[removed] expired"],
    ["a bearer header", "got Bearer 0123456789abcdefXYZ", "got Bearer [removed]"],
    ["an e-mail address", "em <jane.doe+x@example.com>, not a hash", "em <[removed]>, not a hash"],
    ["an IPv4 address", "ip 203.0.113.7.", "ip [removed]"],
    ["an IPv6 address", "ip 2001:db8::8a2e:370:7334 is odd", "ip [removed] is odd"],
    ["NUL and line breaks", "a\u0000b\r\nc", "a b c"],
  ])("%s", (_what, message, kept) => {
    expect(scrub(message)).toBe(kept);
  });

  test("the secrets it was given, also as they stand in a URL", () => {
    const message = "code=a%2Fb%3D, secret a/b=";
    expect(scrub(message, ["a/b=", ""])).toBe("code=[removed], secret [removed]");
  });

  test("a secret that the cut at 500 characters would halve", () => {
    const kept = scrub(`${"x ".repeat(248)}sesame-open`, ["sesame-open"]);
    expect(kept).not.toContain("ses");
  });
});

test("what a merchant needs to read is kept", () => {
  const message =
    "Invalid request: Additional properties are not allowed ('category_name' was unexpected) at 10:00:05";
  expect(scrub(message)).toBe(message);
  expect(scrub("Bearer token is invalid")).toBe("Bearer token is invalid");
});

test("a message ends at 500 characters, with no half of an emoji", () => {
  const kept = scrub(`${"x".repeat(499)}😀`);
  expect(kept).toHaveLength(500);
  expect(kept.isWellFormed()).toBe(true);
});

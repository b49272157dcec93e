import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCallerAddress, networkOf } from "#app/platform/http/caller-address.server.ts";
import { HOSTILE_TEXTS } from "#test/support/hostile-texts.ts";

function callerOf(remoteAddress: string | undefined, forwarded?: string, trusted: string[] = []) {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return createCallerAddress(trusted)({ headers, socket: { remoteAddress } });
}

const PROXIES = ["10.0.0.0/8", "203.0.113.9", "fd00::/8", "::ffff:192.168.0.0/112"];
const shopper = fc.ipV4().filter((ip) => !/^(10|192\.168|203\.0\.113)\b/.test(ip));
const anything = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: "binary", maxLength: 80 }),
);

describe("the caller's address", () => {
  test.each([
    ["the connection's where no proxy is trusted", "198.51.100.7", "1.2.3.4", [], "198.51.100.7"],
    ["the connection's where another is", "198.51.100.7", "1.2.3.4", ["10.0.0.1"], "198.51.100.7"],
    ["the last hop of a trusted proxy", "10.0.0.1", "6.6.6.6, 1.2.3.4", PROXIES, "1.2.3.4"],
    ["the first before a row of proxies", "10.1.1.1", "1.2.3.4,203.0.113.9", PROXIES, "1.2.3.4"],
    [
      "one address, written as IPv4 or IPv6",
      "::ffff:10.0.0.1",
      "::ffff:1.2.3.4",
      PROXIES,
      "1.2.3.4",
    ],
    ["found by a range of mapped addresses", "192.168.0.4", "1.2.3.4", PROXIES, "1.2.3.4"],
    ["found behind IPv6", "fd00::1", "2001:DB8:0::1", PROXIES, "2001:db8::1"],
    ["read without its port", "10.0.0.1", "1.2.3.4:5678", PROXIES, "1.2.3.4"],
    ["read out of its brackets", "10.0.0.1", "[2001:db8::1]:443", PROXIES, "2001:db8::1"],
    ["read without its zone", "fe80::1%eth0", undefined, [], "fe80::1"],
    ["the proxy's where the header is missing", "10.0.0.1", undefined, PROXIES, "10.0.0.1"],
    ["the proxy's where the header is garbage", "10.0.0.1", "unknown", PROXIES, "10.0.0.1"],
    ["the last known one behind garbage", "10.0.0.1", "1.2.3.4, x, 10.0.0.2", PROXIES, "10.0.0.2"],
    ["no number that looks like one", "10.0.0.1", "010.1", PROXIES, "10.0.0.1"],
    ["none where its zone is none", "fe80::1%eth:0", undefined, [], null],
    ["none where the connection is gone", undefined, "1.2.3.4", PROXIES, null],
  ])("is %s", (_name, remote, forwarded, trusted, expected) => {
    expect(callerOf(remote, forwarded, trusted)).toBe(expected);
  });

  test("is never one that the caller wrote, whatever it wrote", () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 6 }), shopper, (written, real) => {
        const forwarded = [...written, real, "10.9.9.9"].join(",");
        expect(callerOf("10.0.0.1", forwarded, PROXIES)).toBe(real);
      }),
    );
  });

  test("is an address, whatever a proxy passes on", () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 6 }), (hops) => {
        const address = callerOf("10.0.0.1", hops.join(","), PROXIES);
        expect(callerOf(address ?? "")).toBe(address);
      }),
    );
  });
});

describe("the network of an address", () => {
  test("is a whole household's of IPv6, and one address's of IPv4", () => {
    expect(networkOf("2001:db8:1:2:3::4")).toBe(networkOf("2001:db8:1:2::ffff"));
    expect(networkOf("2001:db8:1:2::1")).not.toBe(networkOf("2001:db8:1:3::1"));
    expect(networkOf("192.0.2.1")).not.toBe(networkOf("192.0.2.2"));
    expect(networkOf("::1.2.3.4")).not.toBe(networkOf("1.2.3.4"));
  });
});

test("a proxy in a private network that nobody named is told of once, and a stranger tells of none", () => {
  let told = 0;
  const addressOf = createCallerAddress(["10.0.0.0/8"], () => {
    told += 1;
  });
  const ask = (remoteAddress: string, headers: Record<string, string>) =>
    addressOf({ headers, socket: { remoteAddress } });
  ask("8.8.8.8", { "x-forwarded-for": "192.168.0.1" });
  ask("192.168.0.7", {});
  ask("10.0.0.1", { "x-forwarded-for": "192.168.0.1" });
  expect(told).toBe(0);
  ask("192.168.0.7", { "x-forwarded-for": "8.8.8.8" });
  ask("192.168.0.7", { "x-forwarded-for": "8.8.8.8" });
  expect(told).toBe(1);
});

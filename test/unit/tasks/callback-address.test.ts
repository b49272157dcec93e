import { describe, expect, test } from "vitest";
import { checkCallbackUrl } from "#app/tasks/callback/check-callback-url.server.ts";

const check = (url: string) => checkCallbackUrl(url, { allowLoopback: false });
const checkInSandbox = (url: string) => checkCallbackUrl(url, { allowLoopback: true });

describe("an address that results are posted to", () => {
  test.each([
    "https://example.com/hook",
    "https://example.com:8443/hook?key=1",
    "https://8.8.8.8/",
    "https://[2606:4700::1111]/",
    "https://[::ffff:8.8.8.8]/",
  ])("%s is taken, also in the sandbox", (url) => {
    expect([check(url), checkInSandbox(url)]).toEqual([null, null]);
  });

  test.each([
    ["example.com/hook", "such as https://example.com"],
    ["http://example.com/hook", "https://"],
    ["ftp://example.com/hook", "https://"],
    ["javascript:alert(1)", "https://"],
    ["https://user@example.com/", "user name"],
    ["https://:secret@example.com/", "password"],
    ["https://example.com/#part", "after #"],
  ])("%s is refused, also in the sandbox", (url, word) => {
    expect([check(url), checkInSandbox(url)]).toEqual([
      expect.stringContaining(word),
      expect.stringContaining(word),
    ]);
  });

  test.each([
    ["10.0.0.1", "private"],
    ["172.16.0.1", "private"],
    ["192.168.1.1", "private"],
    ["169.254.169.254", "a cloud's metadata"],
    ["168.63.129.16", "a cloud's host"],
    ["100.64.0.1", "shared by a provider's customers"],
    ["0.0.0.0", "this host"],
    ["192.0.0.192", "reserved"],
    ["198.18.0.1", "for measuring"],
    ["203.0.113.7", "for documentation"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "broadcast"],
    ["[::]", "this host"],
    ["[fe80::1]", "link-local"],
    ["[fc00::1]", "unique local"],
    ["[fd00:ec2::254]", "a cloud's metadata"],
    ["[fec0::1]", "site-local"],
    ["[ff02::1]", "multicast"],
    ["[::ffff:10.0.0.1]", "IPv4 in IPv6"],
    ["[::10.0.0.1]", "IPv4 in IPv6, the old way"],
    ["[64:ff9b::10.0.0.1]", "IPv4 behind a translator"],
    ["[64:ff9b:1::1]", "a translator of one's own"],
    ["[2002:a00:1::]", "IPv4 in a 6to4 tunnel"],
    ["[2001::1]", "a Teredo tunnel"],
    ["[2001:db8::1]", "for documentation"],
    ["[100::1]", "thrown away"],
    ["[4000::1]", "given to nobody"],
  ])("%s is refused everywhere: %s", (host) => {
    const fault = expect.stringContaining("reachable from the internet");
    expect([check(`https://${host}/`), checkInSandbox(`https://${host}/`)]).toEqual([fault, fault]);
  });

  test.each([
    "127.0.0.1",
    "127.9.9.9",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "１２７.０.０.１",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "localhost",
    "LOCALHOST.",
    "hooks.localhost",
  ])("the host itself, written %s, is for the sandbox alone", (host) => {
    expect(check(`https://${host}/`)).toContain("reachable from the internet");
    expect(check(`http://${host}/`)).toContain("https://");
    expect(checkInSandbox(`https://${host}/`)).toBeNull();
    expect(checkInSandbox(`http://${host}/`)).toBeNull();
  });
});

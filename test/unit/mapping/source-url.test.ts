import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mapOrderBody, sentEvent } from "./web-order.ts";

const pageOf = (landing_site: string) =>
  sentEvent(mapOrderBody({ landing_site })).event_source_url?.replace("https://shop.example", "");

describe("the path of the page is cut", () => {
  test.each([
    ["/pages/unsubscribe/jane.doe@example.com", "/pages/unsubscribe"],
    ["/pages/unsubscribe/jane.doe%40example.com/done", "/pages/unsubscribe"],
    ["/pages/unsubscribe/jane.doe%2540example.com", "/pages/unsubscribe"],
    ["/pages/unsubscribe/jane.doe%252540example.com", "/pages/unsubscribe"],
    ["/pages/x/%ff%40jane", "/pages/x"],
    ["/@jane", ""],
    ["/apps/returns/tel-4155550123", "/apps/returns"],
    ["/apps/returns/phone:%2B1%20(415)%20555-0123", "/apps/returns"],
    ["/apps/returns/tel-06-12-34-56-78", "/apps/returns"],
    ["/apps/returns/tel-+33-6-12-34-56-78", "/apps/returns"],
    ["/apps/returns/tel-33-6-12-34-56-78", "/apps/returns"],
    ["/apps/returns/contact-47-41-23-45-67", "/apps/returns"],
    ["/apps/returns/tel-020-7946-2010", "/apps/returns"],
    ["/apps/returns/tel-+44-20-2024-1955", "/apps/returns"],
    ["/apps/returns/06-12-34-56-78", "/apps/returns"],
    ["/apps/returns/of-2024-11-24-for-4155550123", "/apps/returns"],
    ["/apps/track/RR123456789DE", "/apps/track"],
    ["/products/jane@example.com", "/products"],
    [
      "/apps/returns/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
      "/apps/returns",
    ],
    ["/tools/wishlist/9f86d081884c7d659a2feaa0c55ad015", "/tools/wishlist"],
    ["/a/portal/550e8400-e29b-41d4-a716-446655440000/edit", "/a/portal"],
    ["/community/login/dGhpc2lzYXRva2Vu", "/community/login"],
    ["/community/login/dGhpc2lzYXRva2VuIQ%3D%3D", "/community/login"],
    ["/apps/quiz/V1StGXR8_Z5jdHi6B-myT", "/apps/quiz"],
    ["/apps/quiz/k3j9x2m4q8w1z7p5", "/apps/quiz"],
    ["/apps/quiz/DEADBEEFCAFEBABE", "/apps/quiz"],
    ["/apps/x/products/9f86d081884c7d659a2feaa0c55ad015", "/apps/x/products"],
    ["/apps/quiz/a1b-2c3-d4e-5f6-g7h", "/apps/quiz"],
    ["/apps/quiz/12ab-34cd-56ef-78gh", "/apps/quiz"],
    ["/pages/thanks/+14155550123", "/pages/thanks"],
    ["/pages/thanks/%2B1%20415%20555%200123", "/pages/thanks"],
  ])("%s becomes %j", (landing, expected) => {
    expect(pageOf(landing)).toBe(expected);
  });

  test.each([
    "/",
    "/collections/summer",
    "/products/9f86d081884c7d659a2feaa0c55ad015",
    "/en-ca/products/dGhpc2lzYXRva2Vu",
    "/zh-hant-tw/products/dGhpc2lzYXRva2Vu",
    "/es-419/products/dGhpc2lzYXRva2Vu",
    "/collections/k3j9x2m4q8w1z7p5/products/iphone-15-pro-max-256gb",
    "/pages/frequently-asked-questions",
    "/pages/terms-and-conditions-of-sale",
    "/blogs/news/how-to-be-an-at-home-dj-in-2024",
    "/blogs/news/20240131-our-new-workshop",
    "/blogs/news/20240131-10-gift-ideas",
    "/blogs/news/2024-11-24-10-gift-ideas",
    "/blogs/news/24-11-2024-10-gift-ideas",
    "/blogs/news/2024-11-24",
    "/blogs/news/black-friday-2024-2025-1",
    "/pages/sizes-32-34-36-38-40",
    "/pages/HowToMeasureYourRing",
    "/pages/iphone15promax256gb",
    "/pages/t-shirts-s-m-l-xl-xxl-3xl-4xl",
    "/pages/set-of-2-250ml-500ml-750ml-bottles",
    "/blogs/news/vitamin-b12-d3-k2-mk7-supplements",
    "/blogs/news/lookbook-fw2026-ss2027",
    "/pages/donaudampfschifffahrtsgesellschaft",
    "/pages/a-b-c-2024-xl-tv-4k-hd-uk-de",
    "/blogs/news/%E5%8D%81%E6%9C%88%E3%81%AE%E6%96%B0%E5%95%86%E5%93%81",
  ])("but %s stays whole", (path) => {
    expect(pageOf(`${path}?epik=dj0y&email=jane@example.com#frag`)).toBe(path);
  });

  test("no page holds an address or hexadecimal digits, wherever it stands and however it is encoded", () => {
    const word = fc.constantFrom("apps", "pages", "thanks", "a", "en", "account-page");
    const hex = fc
      .tuple(fc.nat(), fc.integer({ min: 16, max: 40 }))
      .map(([seed, length]) => digestOf(seed).toString("hex").slice(0, length));
    const secret = fc.oneof(fc.emailAddress(), hex);
    fc.assert(
      fc.property(
        fc.array(word),
        secret,
        fc.nat(3),
        fc.array(word),
        (before, key, rounds, after) => {
          let written = key;
          for (let round = 0; round < rounds; round += 1) written = encodeURIComponent(written);
          const page = pageOf(
            `/${[...before, written.replace(/[/?#\\]/g, encodeURIComponent), ...after].join("/")}`,
          );
          expect(page).toBe(["", ...before].join("/"));
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ["base64url", 10, (seed: number) => digestOf(seed).toString("base64url").slice(0, 22)],
    [
      "base36",
      60,
      (seed: number) =>
        BigInt(`0x${digestOf(seed).toString("hex")}`)
          .toString(36)
          .slice(0, 22),
    ],
  ])("of a thousand random tokens in %s at most %i pass for words", (_name, most, tokenOf) => {
    const tokens = Array.from({ length: 1_000 }, (_, seed) => tokenOf(seed));
    const passed = tokens.filter((token) => pageOf(`/apps/portal/${token}`) !== "/apps/portal");
    expect(passed.length).toBeLessThanOrEqual(most);
  });
});

const digestOf = (seed: number) => createHash("sha256").update(String(seed)).digest();

describe("the click id", () => {
  const clickIdOf = (landing_site: string | null, note_attributes: unknown = []) =>
    sentEvent(mapOrderBody({ landing_site, note_attributes })).user_data.click_id;
  const noted = (value: unknown, name = "_epik") => [{ name, value }];

  test.each([
    ["/?epik=dj0yJnU9a", "dj0yJnU9a"],
    ["/?EPIK=dj0yJnU9a", "dj0yJnU9a"],
    ["/?_Epik=dj0yJnU9a", "dj0yJnU9a"],
    ["/?epik=undefined&Epik=dj0yJnU9a", "dj0yJnU9a"],
    ["/?utm_source=mail&amp;epik=dj0yJnU9a", "dj0yJnU9a"],
    ["/?epik=dj0yJnU9a%253D%253D", "dj0yJnU9a=="],
    ["/?epik=dj0yJnU9a#reviews", "dj0yJnU9a"],
    ["/#epik=dj0yJnU9a", "dj0yJnU9a"],
    ["/?utm_source=a?epik=dj0yJnU9a", "dj0yJnU9a"],
    ["/?epik=dj0yJnU9a?utm_source=a", "dj0yJnU9a"],
    ["/?a=1;epik=dj0yJnU9a", "dj0yJnU9a"],
    ["/account/login?return_url=%2F%3Fa%3D1%26epik%3Ddj0yJnU9a", "dj0yJnU9a"],
    ["/?epik=two%20words", undefined],
    ["/?epik=*|EPIK|*", undefined],
    ["/?epik=dj0yJnU9a%E2%80%8B", "dj0yJnU9a"],
    ["/?epik=undefined", undefined],
    ["/?epik=NULL", undefined],
    ["/?epik=%5Bobject%20Object%5D", undefined],
    ["/?epik=%7B%7Bepik%7D%7D", undefined],
    ["/?epik=-", undefined],
    ["/?epik=", undefined],
    ["/?epikur=dj0y", undefined],
  ])("of a landing on %s is %j", (landing, expected) => {
    expect(clickIdOf(landing)).toBe(expected);
  });

  test.each([
    "undefined",
    "null",
    "N/A",
    "none",
    "NaN",
    "[object Object]",
    "false",
    "",
    " ",
    5,
    null,
    "_epik=",
    "epik=undefined",
    "https://shop.example/",
    "https://shop.example/?utm=1",
    "_ga=1; _gid=2",
    "fbclid=abc",
  ])("is none for the note %j", (value) => {
    expect(clickIdOf(null, noted(value))).toBeUndefined();
    expect(clickIdOf("/?epik=dj0yJnU9a", noted(value))).toBe("dj0yJnU9a");
  });

  test.each([
    "dj0yJnU9a%3D%3D",
    '"dj0yJnU9a=="',
    "_epik=dj0yJnU9a==",
    "_epik=dj0yJnU9a==; Path=/",
    "https://shop.example/?a=1&epik=dj0yJnU9a==#top",
  ])("is read from the note %j", (value) => {
    expect(clickIdOf(null, noted(value))).toBe("dj0yJnU9a==");
  });

  test("comes from the note where the landing page has none that is one", () => {
    expect(clickIdOf("/?epik=undefined", noted("dj0yJnU9b"))).toBe("dj0yJnU9b");
    expect(clickIdOf("/", noted("dj0yJnU9b", "_EPIK"))).toBe("dj0yJnU9b");
    expect(clickIdOf("/", noted("dj0yJnU9b", "\u200b_epik "))).toBe("dj0yJnU9b");
    const both = [...noted("undefined"), ...noted("dj0yJnU9b")];
    expect(clickIdOf("/", both)).toBe("dj0yJnU9b");
  });
});

import { describe, expect, test } from "vitest";
import { AD_ACCOUNT, answer, fixture, startPinterest, TOKEN } from "./pinterest-stub.ts";

const QUERY = { adAccountId: AD_ACCOUNT, token: TOKEN };

describe("a merchant sees", () => {
  test("the tags of the ad account, with all that Pinterest says of them", async () => {
    const tags = fixture<{ items: object[] }>("conversion-tags");
    const { client, requests } = await startPinterest(answer(200, tags));
    expect(await client.listTags(QUERY)).toEqual({ ok: true, value: tags.items });
    expect(requests[0]).toMatchObject({
      method: "GET",
      url: `/v5/ad_accounts/${AD_ACCOUNT}/conversion_tags`,
      headers: { authorization: `Bearer ${TOKEN}` },
    });
  });

  test("one tag", async () => {
    const [tag] = fixture<{ items: [{ id: string }] }>("conversion-tags").items;
    const { client, requests } = await startPinterest(answer(200, tag));
    expect(await client.getTag({ ...QUERY, tagId: tag.id })).toEqual({ ok: true, value: tag });
    expect(requests[0]?.url).toBe(`/v5/ad_accounts/${AD_ACCOUNT}/conversion_tags/${tag.id}`);
  });

  test("whose token it is", async () => {
    const { client } = await startPinterest(answer(200, fixture("user-account")));
    const account = await client.getUserAccount({ token: TOKEN });
    expect(account).toMatchObject({ ok: true, value: { username: "demoshop" } });
  });

  test("the event quality that Pinterest gives the ad account", async () => {
    const { client, requests } = await startPinterest(answer(200, fixture("event-quality")));
    const quality = await client.getEventQuality({ ...QUERY, lookback: "14d" });
    const components = { external_event_id: { checkout: { coverage: 100, overlap: 71.2 } } };
    expect(quality).toMatchObject({ ok: true, value: [{ quality_components: components }] });
    expect(requests[0]?.url).toBe(
      `/v5/ad_accounts/${AD_ACCOUNT}/conversion_eqs?lookback_period=14d`,
    );
  });

  test("event quality also in words and shapes that Pinterest added later", async () => {
    const [row] = fixture<[Record<string, object>]>("event-quality");
    const grown = {
      ...row,
      overall_status: "SPLENDID",
      quality_components: { ...row.quality_components, hashed_phone: { checkout: "soon" } },
    };
    const { client } = await startPinterest(answer(200, [grown]));
    const quality = await client.getEventQuality({ ...QUERY, lookback: "1d" });
    expect(quality).toMatchObject({
      ok: true,
      value: [{ overall_status: "SPLENDID", quality_components: { hashed_phone: {} } }],
    });
  });
});

describe("ad accounts are listed", () => {
  test("page after page, until there is no bookmark", async () => {
    const page = fixture<{ items: object[] }>("ad-accounts");
    const pages = [page, { items: [{ id: "2" }], bookmark: null }];
    const { client, requests } = await startPinterest((response, request) =>
      answer(200, pages.shift())(response, request),
    );
    const items = [...page.items, { id: "2" }];
    const listed = await client.listAdAccounts({ token: TOKEN });
    expect(listed).toMatchObject({ ok: true, value: { items, isComplete: true } });
    expect(requests.map(({ url }) => url)).toEqual([
      "/v5/ad_accounts?page_size=250",
      "/v5/ad_accounts?page_size=250&bookmark=bm%202%2F%2B%3D",
    ]);
  });

  test("no further than twenty pages, when the bookmarks never end", async () => {
    const { client, requests } = await startPinterest(answer(200, fixture("ad-accounts")));
    const listed = await client.listAdAccounts({ token: TOKEN });
    expect(listed).toMatchObject({ ok: true, value: { isComplete: false } });
    expect(requests).toHaveLength(20);
  });

  test("not at all, when a page in the middle fails", async () => {
    const answers = [answer(200, fixture("ad-accounts")), answer(500, "")];
    const { client } = await startPinterest((response, request) =>
      answers.shift()?.(response, request),
    );
    const listed = await client.listAdAccounts({ token: TOKEN });
    expect(listed).toMatchObject({ ok: false, error: { kind: "unavailable", httpStatus: 500 } });
  });
});

describe("what goes wrong has a name", () => {
  test.each([
    [400, "invalid"],
    [401, "unauthorized"],
    [403, "forbidden"],
    [404, "not_found"],
    [429, "rate_limited"],
    [500, "unavailable"],
    [503, "unavailable"],
  ])("status %i is %s", async (httpStatus, kind) => {
    const refusal = { code: 7, message: `no, ${TOKEN}` };
    const { client } = await startPinterest(answer(httpStatus, refusal, { "retry-after": "9" }));
    const message = "no, [removed]";
    const error = { kind, httpStatus, code: 7, message, retryAfterSeconds: 9 };
    expect(await client.listTags(QUERY)).toEqual({ ok: false, error });
  });

  test.each([
    ["an answer of another shape", answer(200, { items: [{ name: "no id" }] })],
    ["an HTML page", answer(200, "<html>")],
    ["a redirect", answer(301, "", { location: "http://127.0.0.1:9/" })],
    ["an answer over 2 MiB", answer(200, JSON.stringify({ items: [], x: "x".repeat(3_000_000) }))],
  ])("%s is unreadable", async (_what, respond) => {
    const { client } = await startPinterest(respond);
    const listed = await client.listTags(QUERY);
    expect(listed).toMatchObject({ ok: false, error: { kind: "unreadable", code: null } });
  });

  test("silence is unavailable", async () => {
    const { client } = await startPinterest(() => undefined, { timeoutMs: 100 });
    const account = await client.getUserAccount({ token: TOKEN });
    expect(account).toMatchObject({ ok: false, error: { kind: "unavailable", httpStatus: null } });
  });

  test("an id that is not digits is invalid, and nothing is sent", async () => {
    const { client, requests } = await startPinterest(answer(200, {}));
    const odd = { ...QUERY, adAccountId: "../2" };
    const answers = [
      await client.listTags(odd),
      await client.getTag({ ...odd, tagId: "1" }),
      await client.getTag({ ...QUERY, tagId: "1?x" }),
      await client.getEventQuality({ ...odd, lookback: "1d" }),
    ];
    for (const result of answers) {
      expect(result).toMatchObject({ ok: false, error: { kind: "invalid", httpStatus: null } });
    }
    expect(requests).toEqual([]);
  });
});

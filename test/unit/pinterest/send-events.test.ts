import { describe, expect, test } from "vitest";
import {
  AD_ACCOUNT,
  answer,
  BATCH,
  BODIES,
  fixture,
  startPinterest,
  TOKEN,
} from "./pinterest-stub.ts";

const PROCESSED = { status: "processed", errorMessage: null, warningMessage: null };

describe("events go out", () => {
  test("byte for byte as they were stored, to the ad account, under its token", async () => {
    const odd = '{"event_id":"ü\\u00fc","custom_data":{"value":"1.10"}, "user_data":{} }';
    const { client, requests } = await startPinterest(answer(200, fixture("events-processed")));
    await client.sendEvents({ ...BATCH, bodies: [odd, ...BODIES] });
    await client.sendEvents({ ...BATCH, test: true });
    expect(requests[0]).toMatchObject({
      method: "POST",
      url: `/v5/ad_accounts/${AD_ACCOUNT}/events`,
      body: `{"data":[${odd},${BODIES.join(",")}]}`,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        "content-type": "application/json",
        "accept-encoding": "identity",
      },
    });
    expect(requests[1]?.url).toBe(`/v5/ad_accounts/${AD_ACCOUNT}/events?test=true`);
  });

  test("one after another over one connection", async () => {
    const ports = new Set<number | undefined>();
    const respond = answer(200, fixture("events-processed"));
    const { client } = await startPinterest(
      (response, request) => {
        ports.add(response.socket?.remotePort);
        respond(response, request);
      },
      { connections: 1 },
    );
    for (let count = 0; count < 5; count += 1) await client.sendEvents(BATCH);
    expect(ports.size).toBe(1);
  });

  test.each(["", "12a", "1/../2", "1?x=", "١٢", "1234567890123456789"])(
    "never to an ad account called %j",
    async (adAccountId) => {
      const { client, requests } = await startPinterest(answer(200, {}));
      await expect(client.sendEvents({ ...BATCH, adAccountId })).rejects.toThrow(TypeError);
      expect(requests).toEqual([]);
    },
  );

  test("1 to 1,000 in a request, never none and never more", async () => {
    const { client, requests } = await startPinterest(answer(200, {}));
    const many = Array.from({ length: 1_001 }, () => "{}");
    await expect(client.sendEvents({ ...BATCH, bodies: [] })).rejects.toThrow(TypeError);
    await expect(client.sendEvents({ ...BATCH, bodies: many })).rejects.toThrow(TypeError);
    expect(requests).toEqual([]);
  });

  test.each(["", "pina_line\nbreak", "pina_smart’quote"])(
    "never under the token %j, which Pinterest could only refuse",
    async (token) => {
      const { client, requests } = await startPinterest(answer(200, {}));
      const refused = await client.sendEvents({ ...BATCH, token });
      expect(refused).toMatchObject({ kind: "refused", httpStatus: 401, events: null });
      expect(requests).toEqual([]);
    },
  );
});

describe("Pinterest's answer is read event by event", () => {
  test("when all were processed, one with a warning", async () => {
    const { client } = await startPinterest(answer(200, fixture("events-processed")));
    expect(await client.sendEvents(BATCH)).toEqual({
      kind: "answered",
      httpStatus: 200,
      received: 2,
      processed: 2,
      events: [PROCESSED, { ...PROCESSED, warningMessage: "'np' is not a standard field." }],
    });
  });

  test("when one of them failed", async () => {
    const { client } = await startPinterest(answer(200, fixture("events-one-failed")));
    expect(await client.sendEvents(BATCH)).toMatchObject({
      kind: "answered",
      processed: 1,
      events: [PROCESSED, { status: "failed", errorMessage: "'event_time' is in the future." }],
    });
  });

  test("when it speaks of fewer events than were sent, which is for the caller to judge", async () => {
    const { client } = await startPinterest(answer(200, fixture("events-processed")));
    const answered = await client.sendEvents({ ...BATCH, bodies: [...BODIES, ...BODIES] });
    expect(answered).toMatchObject({ kind: "answered", events: [PROCESSED, {}] });
  });

  test("when it has fields we have never seen", async () => {
    const { events, ...counts } = fixture<{ events: object[] }>("events-processed");
    const grown = { ...counts, request_id: "r", events: events.map((e) => ({ ...e, score: 1 })) };
    const { client } = await startPinterest(answer(200, grown));
    expect(await client.sendEvents(BATCH)).toMatchObject({ kind: "answered", processed: 2 });
  });

  test("when a 422 says it in its details", async () => {
    const { client } = await startPinterest(answer(422, fixture("events-partly-refused")));
    expect(await client.sendEvents(BATCH)).toEqual({
      kind: "refused",
      isJson: true,
      httpStatus: 422,
      code: 4198,
      message: "Not all events were successfully processed.",
      retryAfterSeconds: null,
      events: [
        { ...PROCESSED, status: "failed", errorMessage: "'event_time' is in the future." },
        PROCESSED,
      ],
    });
  });

  test.each([
    ["say something else", fixture("events-refused-untyped")],
    ["are missing", { code: 4198, message: "No." }],
    ["are a text", { code: 4198, message: "No.", details: "events" }],
    ["have an unknown status", { details: { events: [{ status: "maybe" }] } }],
  ])("but not when the details of a 422 %s", async (_what, body) => {
    const { client } = await startPinterest(answer(422, body));
    const refused = await client.sendEvents(BATCH);
    expect(refused).toMatchObject({ kind: "refused", httpStatus: 422, events: null });
  });
});

describe("Pinterest refuses", () => {
  test.each([
    [400, 4196, "The request was invalid."],
    [401, 2, "Authentication failed."],
    [403, 29, "You are not permitted to access that resource."],
    [404, 50, "Ad account not found."],
    [429, 8, "This request exceeded a rate limit."],
    [503, 4197, "The endpoint has been ramped down."],
  ])("with status %i", async (httpStatus, code, message) => {
    const { client } = await startPinterest(answer(httpStatus, { code, message }));
    const refusal = {
      kind: "refused",
      httpStatus,
      code,
      isJson: true,
      message,
      retryAfterSeconds: null,
    };
    expect(await client.sendEvents(BATCH)).toEqual({ ...refusal, events: null });
  });

  test("with an HTML page, a list, or a code of another kind", async () => {
    const pages = [
      "<html><h1>502 Bad Gateway</h1></html>",
      "[1]",
      '{"code":"E1"}',
      '{"code":1e300}',
    ];
    const { client } = await startPinterest((response, request) =>
      answer(502, pages.shift() ?? "", { "content-type": "text/html" })(response, request),
    );
    while (pages.length > 0) {
      const refused = await client.sendEvents(BATCH);
      const message = "Pinterest answered 502 and gave no reason";
      expect(refused).toMatchObject({ kind: "refused", httpStatus: 502, code: null, message });
    }
  });

  test.each([
    ["17", 17],
    ["Tue, 24 Nov 2026 10:02:00 GMT", 120],
    ["soon", null],
  ])("for now, and says when to come back: %s", async (header, seconds) => {
    const nowMs = () => Date.parse("2026-11-24T10:00:00Z");
    const headers = { "retry-after": header };
    const { client } = await startPinterest(answer(429, { code: 8 }, headers), { nowMs });
    const refused = await client.sendEvents(BATCH);
    expect(refused).toMatchObject({ kind: "refused", retryAfterSeconds: seconds });
  });
});

describe("when Pinterest repeats what it was sent", () => {
  test("a refusal is kept without the token and without the shopper's data", async () => {
    const { client } = await startPinterest((response, { headers, body }) =>
      answer(400, { message: `${headers.authorization} jane@example.com ${body}` })(response, {
        method: "",
        url: "",
        headers,
        body,
      }),
    );
    const kept = JSON.stringify(await client.sendEvents(BATCH));
    expect(kept).toContain("order-1001-checkout");
    expect(kept).not.toMatch(/SECRETTOKEN|jane|203\.0\.113|Mozilla|dj0yJnU9/);
  });

  test("so is what it says of single events", async () => {
    const outcomes = BODIES.map((body) => ({
      status: "failed",
      error_message: `${TOKEN} ${body}`,
      warning_message: `${TOKEN} ${body}`,
    }));
    const counts = { num_events_received: 2, num_events_processed: 0 };
    const { client } = await startPinterest(answer(200, { ...counts, events: outcomes }));
    const kept = JSON.stringify(await client.sendEvents(BATCH));
    expect(kept).toContain("order-1002-checkout");
    expect(kept).not.toMatch(/SECRETTOKEN|203\.0\.113|Mozilla|dj0yJnU9/);
  });
});

import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { answer, BATCH, fixture, startPinterest } from "./pinterest-stub.ts";

const LONG = JSON.stringify({ ...fixture("events-processed"), padding: "x".repeat(10_000_000) });
const WHOLE = JSON.stringify(fixture("events-processed"));

/** One byte, and another before any timeout between bytes has run out. */
function drip(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-type": "application/json" });
  const timer = setInterval(() => response.write(" "), 10);
  response.on("close", () => clearInterval(timer));
}

function cutShort(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-length": WHOLE.length });
  response.write(WHOLE.slice(0, 40), () => response.socket?.resetAndDestroy());
}

describe("nobody knows what became of the events when", () => {
  test.each([
    ["half of the JSON arrives", answer(200, WHOLE.slice(0, 60))],
    ["the answer is an HTML page", answer(200, "<html>Welcome</html>")],
    ["the answer is empty", answer(204, "")],
    ["an event has a status nobody knows", answer(200, WHOLE.replace('"processed"', '"queued"'))],
    ["the list of events is missing", answer(200, { num_events_received: 2 })],
    ["the counts are missing", answer(200, { events: [{ status: "processed" }] })],
    ["the answer is a redirect", answer(302, WHOLE, { location: "/v5/ad_accounts/1/events" })],
  ])("%s", async (_what, respond) => {
    const { client, requests } = await startPinterest(respond);
    const lost = await client.sendEvents(BATCH);
    expect(lost).toMatchObject({ kind: "lost", reason: "unreadable" });
    expect(requests).toHaveLength(1);
  });

  test("Pinterest takes the request and never answers", async () => {
    const { client } = await startPinterest(() => undefined, { timeoutMs: 100 });
    const lost = await client.sendEvents(BATCH);
    expect(lost).toMatchObject({ kind: "lost", reason: "timeout", httpStatus: null });
  });

  test("the answer comes a byte at a time, and its connection is given up", async () => {
    let closed: Promise<unknown> | undefined;
    const { client } = await startPinterest(
      (response) => {
        closed = once(response, "close");
        drip(response, 200);
      },
      { timeoutMs: 1_000 },
    );
    const lost = await client.sendEvents(BATCH);
    expect(lost).toMatchObject({ kind: "lost", reason: "timeout" });
    await closed;
  });

  test("the answer is 10 MB long, of which no more than 8 MiB are taken", async () => {
    const { client } = await startPinterest(answer(200, LONG));
    const lost = await client.sendEvents(BATCH);
    expect(lost).toMatchObject({ kind: "lost", reason: "too_large", httpStatus: 200 });
  });

  test("the connection is reset before the answer", async () => {
    const { client } = await startPinterest((response) => response.socket?.resetAndDestroy());
    const lost = await client.sendEvents(BATCH);
    expect(lost).toMatchObject({ kind: "lost", reason: "network", httpStatus: null });
  });

  test("the connection is reset in the middle of the answer", async () => {
    const { client } = await startPinterest((response) => cutShort(response, 200));
    const lost = await client.sendEvents(BATCH);
    expect(lost).toMatchObject({ kind: "lost", reason: "network", httpStatus: 200 });
  });

  test("nobody listens, or the name is unknown", async () => {
    for (const apiUrl of ["http://127.0.0.1:9/v5", "https://pinterest.invalid/v5"]) {
      const { client } = await startPinterest(() => undefined, { apiUrl });
      const lost = await client.sendEvents(BATCH);
      expect(lost).toMatchObject({ kind: "lost", reason: "network", httpStatus: null });
    }
  });

  test("the other side does not speak TLS", async () => {
    const { url } = await startPinterest(answer(200, WHOLE));
    const apiUrl = `${url.replace("http:", "https:")}/v5`;
    const { client } = await startPinterest(() => undefined, { apiUrl });
    expect(await client.sendEvents(BATCH)).toMatchObject({ kind: "lost", reason: "network" });
  });
});

describe("a refusal stands by its status when its body", () => {
  test.each([
    ["comes a byte at a time", (response: ServerResponse) => drip(response, 503)],
    ["breaks off", (response: ServerResponse) => cutShort(response, 429)],
    ["is far too long", answer(400, LONG)],
  ])("%s", async (_what, respond) => {
    const { client } = await startPinterest(respond, { timeoutMs: 2_000 });
    const refused = await client.sendEvents(BATCH);
    expect(refused).toMatchObject({ kind: "refused", code: null, events: null });
  });
});

test("after every kind of trouble the same client sends the next batch", async () => {
  const troubles = [
    (response: ServerResponse) => drip(response, 200),
    (response: ServerResponse) => cutShort(response, 200),
    answer(200, LONG),
    (response: ServerResponse) => response.socket?.resetAndDestroy(),
  ];
  const { client } = await startPinterest(
    (response, request) => (troubles.shift() ?? answer(200, WHOLE))(response, request),
    { timeoutMs: 2_000, connections: 1 },
  );
  for (let count = 0; count < 4; count += 1) {
    expect(await client.sendEvents(BATCH)).toMatchObject({ kind: "lost" });
  }
  expect(await client.sendEvents(BATCH)).toMatchObject({ kind: "answered" });
});

test("the message of a lost answer names no token", async () => {
  const { client } = await startPinterest(() => undefined, { apiUrl: "http://127.0.0.1:9/v5" });
  const lost = await client.sendEvents(BATCH);
  expect(JSON.stringify(lost)).toContain("ECONNREFUSED");
  expect(JSON.stringify(lost)).not.toContain(BATCH.token);
});

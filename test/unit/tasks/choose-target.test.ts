import { describe, expect, test } from "vitest";
import { chooseTarget } from "#app/tasks/choose-target.server.ts";
import { runTask } from "#app/tasks/run-task.server.ts";
import type {
  OutboxGateway,
  ShopConnection,
} from "#app/tasks/shop/create-outbox-gateway.server.ts";
import type { SendDocument, TaskResult } from "#app/tasks/task-document.server.ts";
import { eventRow, eventRows, taskRequest } from "#test/support/task-fixture.ts";

const CONNECTION: ShopConnection = {
  adAccountId: "1",
  token: "pina_SHOP",
  sendingToken: "pina_SHOP",
  state: "active",
};
const PAUSED: ShopConnection = { ...CONNECTION, state: "paused" };

/** A shop whose events stay where they are. */
function createGateway(connection: ShopConnection | null, waits: number[] = []): OutboxGateway {
  return {
    connection: async () => connection,
    send: async (events, { waitSeconds }) => {
      waits.push(waitSeconds);
      return events.map(({ index, mapped }) => ({
        index,
        event_id: mapped.eventId,
        event_name: mapped.kind,
        status: "pending",
        warning: null,
        error: null,
        event: null,
      })) satisfies TaskResult[];
    },
  };
}

function choose(
  gateway: OutboxGateway | null,
  { isSending = true, ...request }: Partial<Parameters<typeof chooseTarget>[1]> = {},
) {
  const own = { accessToken: null, adAccountId: null };
  return chooseTarget(gateway, { ...taskRequest(own), isSending, ...request });
}

describe("without a shop", () => {
  test("a task needs an access token", async () => {
    expect(await choose(null, { adAccountId: "1" })).toMatchObject({
      error: { code: "missing_token", action: expect.stringContaining("--token-env") },
    });
  });

  test("a token needs its ad account", async () => {
    expect(await choose(null, { accessToken: "pina_OWN" })).toMatchObject({
      error: { code: "invalid_input", fields: [{ path: "adAccountId" }] },
    });
  });
});

describe("with a shop", () => {
  test("events go through its outbox, to its ad account", async () => {
    expect(await choose(createGateway(CONNECTION))).toMatchObject({
      target: { kind: "outbox", adAccountId: "1", isPaused: false },
    });
  });

  test("a token of one's own goes past it, by default to the shop's ad account", async () => {
    const own = { accessToken: "pina_OWN", isOwnToken: true };
    expect(await choose(createGateway(CONNECTION), { accessToken: "pina_OWN" })).toMatchObject({
      target: { kind: "direct", adAccountId: "1", token: "pina_OWN", isOwnToken: true },
    });
    expect(
      await choose(createGateway(null), { accessToken: own.accessToken, adAccountId: "2" }),
    ).toMatchObject({ target: { kind: "direct", adAccountId: "2" } });
  });

  test("a test and the tags go directly, with the connection's token", async () => {
    const direct = { target: { kind: "direct", token: "pina_SHOP", isOwnToken: false } };
    expect(await choose(createGateway(CONNECTION), { isTest: true })).toMatchObject(direct);
    expect(await choose(createGateway(CONNECTION), { isSending: false })).toMatchObject(direct);
  });

  test("another ad account than the shop's takes a token for it", async () => {
    expect(await choose(createGateway(CONNECTION), { adAccountId: "2" })).toMatchObject({
      error: { code: "invalid_input", fields: [{ path: "adAccountId" }] },
    });
  });

  test("a shop that is not connected is told how to connect", async () => {
    expect(await choose(createGateway(null))).toMatchObject({
      error: { code: "missing_token", action: expect.stringContaining("shop connect") },
    });
  });

  test("a paused connection refuses tests and tags", async () => {
    const refused = { error: { code: "unauthorized", message: expect.stringContaining("paused") } };
    expect(await choose(createGateway(PAUSED), { isTest: true })).toMatchObject(refused);
    expect(await choose(createGateway(PAUSED), { isSending: false })).toMatchObject(refused);
  });

  test("a paused connection keeps events, says so, and nobody waits for them", async () => {
    const waits: number[] = [];
    const document = (await runTask(
      {
        pinterest: () => expect.fail("nothing is sent here"),
        apiUrl: "https://api.pinterest.com/v5",
        shop: createGateway(PAUSED, waits),
        nowMs: Date.now,
        random: Math.random,
        wait: () => expect.fail("nothing is waited for"),
        deadlineMs: 0,
      },
      taskRequest({ accessToken: null, adAccountId: null, rows: [eventRow(0)], waitSeconds: 30 }),
    )) as SendDocument;
    expect(waits).toEqual([0]);
    expect(document).toMatchObject({
      ok: true,
      summary: { received: 1, accepted: 0, failed: 0, skipped: 0, pending: 1 },
      results: [{ status: "pending", error: { code: "paused" } }],
    });
  });
});

test("a test takes no more events than Pinterest looks at", async () => {
  const isTest = true;
  const faulty = { error: { code: "invalid_input", fields: [{ path: "events" }] } };
  expect(await choose(createGateway(CONNECTION), { isTest, rows: eventRows(21) })).toMatchObject(
    faulty,
  );
  expect(await choose(createGateway(CONNECTION), { isTest, rows: eventRows(20) })).toMatchObject({
    ok: true,
  });
});

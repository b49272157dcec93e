import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { request as callPinterest } from "undici";
import { describe, expect, onTestFinished, test } from "vitest";
import { runTask, type TaskServices } from "#app/tasks/run-task.server.ts";
import type { SendDocument, TagDocument, TagsDocument } from "#app/tasks/task-document.server.ts";
import type { TaskRequest } from "#app/tasks/task-request.server.ts";
import { startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { eventRow, eventRows, NOBODY, TOKEN, taskRequest } from "#test/support/task-fixture.ts";
import { answer, fixture, startPinterest } from "#test/unit/pinterest/pinterest-stub.ts";

const NEVER = async () => expect.fail("demo mode makes no call and does not wait");
const DAY = 24 * 60 * 60;

function runDemo(request: Partial<TaskRequest>, apiUrl = "https://api.pinterest.com/v5") {
  const services: TaskServices = {
    pinterest: NEVER,
    apiUrl,
    shop: null,
    nowMs: Date.now,
    random: () => 0.5,
    wait: NEVER,
    deadlineMs: 0,
  };
  const asked = { accessToken: null, adAccountId: null, ...request, isDemo: true };
  return runTask(services, taskRequest(asked));
}

async function sendDemo(request: Partial<TaskRequest>, apiUrl?: string) {
  return (await runDemo(request, apiUrl)) as SendDocument;
}

describe("demo mode", () => {
  test("needs neither token nor ad account, and says that it is a demo", async () => {
    const { demo, ok, ad_account_id, results, summary } = await sendDemo({ rows: [eventRow(0)] });
    expect({ demo, ok, ad_account_id }).toEqual({
      demo: true,
      ok: true,
      ad_account_id: "549755885175",
    });
    expect(summary).toEqual({ received: 1, accepted: 1, failed: 0, skipped: 0 });
    expect(results[0]).toMatchObject({ status: "accepted", event: { event_id: "task-0" } });
  });

  test("shows the request, a word in place of the token", async () => {
    const document = await sendDemo({ rows: [eventRow(0)], accessToken: TOKEN, isTest: true });
    expect(document.requests).toEqual([
      {
        method: "POST",
        url: "https://api.pinterest.com/v5/ad_accounts/549755885175/events?test=true",
        headers: {
          Accept: "application/json",
          "User-Agent": "pinrelay",
          Authorization: "Bearer <your token>",
          "Content-Type": "application/json",
        },
        body: { data: [document.results[0]?.event] },
        answer: {
          http_status: 200,
          body: {
            num_events_received: 1,
            num_events_processed: 1,
            events: [{ status: "processed", error_message: null, warning_message: null }],
          },
        },
      },
    ]);
    expect(JSON.stringify(document)).not.toContain(TOKEN);
  });

  test("shows the very request that is made without it", async () => {
    const { client, requests, url } = await startPinterest(
      answer(200, fixture("events-processed")),
    );
    const sending = { ...(await sendDemo({ rows: eventRows(2) }, `${url}/v5/`)) };
    const [shown] = sending.requests ?? [];
    const bodies = sending.results.map(({ event }) => JSON.stringify(event));
    await client.sendEvents({ adAccountId: sending.ad_account_id, token: "<your", bodies });
    const [made] = requests;
    expect(shown?.url).toBe(url + made?.url);
    expect(shown?.method).toBe(made?.method);
    expect(JSON.stringify(shown?.body)).toBe(made?.body);
    for (const [name, value] of Object.entries(shown?.headers ?? {})) {
      if (name === "Authorization") continue;
      expect([name, made?.headers[name.toLowerCase()]]).toEqual([name, value]);
    }
  });

  test("splits a large batch as it would be sent", async () => {
    const { requests = [] } = await sendDemo({ rows: eventRows(2_500) });
    const sizes = requests.map(({ body }) => (body as { data: unknown[] }).data.length);
    expect(sizes).toEqual([1_000, 1_000, 500]);
  });

  test("shows apart what is kept back, and Pinterest's own answer to it", async () => {
    const local = await startLocalPinterest();
    onTestFinished(() => local.close());
    const old = Math.floor(Date.now() / 1_000) - 8 * DAY;
    const document = await sendDemo(
      {
        rows: [
          eventRow(0),
          eventRow(1, { person: NOBODY }),
          eventRow(2, { occurredAtSeconds: old }),
        ],
      },
      local.url,
    );
    expect(document.results.map(({ status, error }) => [status, error?.code ?? null])).toEqual([
      ["accepted", null],
      ["skipped", "no_match_key"],
      ["skipped", "too_old"],
    ]);
    expect(document.results[1]?.event).toBeNull();
    expect(document.ok).toBe(false);
    expect(document.requests?.map(({ note }) => note === undefined)).toEqual([true, false]);
    for (const shown of document.requests ?? []) {
      const real = await callPinterest(shown.url, {
        method: "POST",
        headers: { ...shown.headers, Authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(shown.body),
      });
      expect(await real.body.json()).toEqual(shown.answer.body);
    }
  });

  test("shows two tags to tell apart, and the call that reads them", async () => {
    const document = (await runDemo({ task: "list_conversion_tags" })) as TagsDocument;
    expect(document).toMatchObject({ demo: true, ok: true, ad_account_id: "549755885175" });
    expect(new Set(document.tags.map(({ id }) => id)).size).toBe(2);
    expect(Object.keys(document.tags[0] ?? {}).toSorted()).toEqual(
      Object.keys(fixture<{ items: [object] }>("conversion-tags").items[0]).toSorted(),
    );
    expect(document.requests?.[0]).toMatchObject({
      method: "GET",
      url: "https://api.pinterest.com/v5/ad_accounts/549755885175/conversion_tags",
      body: null,
      answer: { http_status: 200, body: { items: document.tags } },
    });
  });

  test("shows one tag under the number that was asked for", async () => {
    const asked = { task: "get_conversion_tag", conversionTagId: "2612345678901" } as const;
    const document = (await runDemo(asked)) as TagDocument;
    expect(document.tag.id).toBe("2612345678901");
    expect(document.requests?.[0]?.url).toMatch(/\/conversion_tags\/2612345678901$/);
  });

  test("starts fast: it loads no database, no web framework, and nothing that calls out", async () => {
    const script = `
      import { registerHooks } from "node:module";
      const seen = [];
      registerHooks({ resolve(name, context, next) {
        const found = next(name, context);
        seen.push(found.url);
        return found;
      } });
      await import("#app/tasks/run-task.server.ts");
      console.log(JSON.stringify(seen));`;
    const root = fileURLToPath(new URL("../../..", import.meta.url));
    const args = ["--input-type=module", "-e", script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    const loaded = JSON.parse(stdout) as string[];
    expect(loaded.some((url) => url.endsWith("/run-task.server.ts"))).toBe(true);
    const packages = loaded.flatMap(
      (url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? [],
    );
    const heavy = /^(pg|pg-boss|undici|pino|prom-client|@prisma|@remix-run|@shopify|react)(\/|-|$)/;
    expect([...new Set(packages)].filter((name) => heavy.test(name))).toEqual([]);
  });
});

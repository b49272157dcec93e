import { describe, expect, test } from "vitest";
import {
  type TagDocument,
  type TagsDocument,
  toExitCode,
  toHttpStatus,
} from "#app/tasks/task-document.server.ts";
import { AD_ACCOUNT, openTasks, TOKEN } from "#test/support/task-fixture.ts";

const LIST = { task: "list_conversion_tags" } as const;
const ONE = { task: "get_conversion_tag" } as const;

describe("the tags of an ad account", () => {
  test("are listed with Pinterest's own fields", async () => {
    const { local, run } = await openTasks();
    local.directory.createTag(AD_ACCOUNT, { name: "Second" });
    const document = (await run(LIST)) as TagsDocument;
    expect(document).toEqual({
      ...LIST,
      demo: false,
      ok: true,
      ad_account_id: AD_ACCOUNT,
      tags: local.directory.tags(AD_ACCOUNT),
    });
    expect([toHttpStatus(document), toExitCode(document)]).toEqual([200, 0]);
  });

  test("are got one by one", async () => {
    const { local, run } = await openTasks();
    const tag = local.directory.createTag(AD_ACCOUNT, { name: "Second" });
    const document = (await run({ ...ONE, conversionTagId: tag.id })) as TagDocument;
    expect(document).toEqual({ ...ONE, demo: false, ok: true, ad_account_id: AD_ACCOUNT, tag });
  });

  test("are asked for again while Pinterest is unwell", async () => {
    const { local, run, waits } = await openTasks();
    local.fail({ kind: "status", status: 503, endpoint: "accounts", times: 1 });
    local.fail({ kind: "status", status: 429, retryAfter: 9, endpoint: "accounts", times: 1 });
    expect((await run(LIST)).ok).toBe(true);
    expect(waits).toEqual([5_000, 9_000]);
  });

  test.each([
    [401, "unauthorized", 401, "does not accept this access token"],
    [403, "forbidden", 403, "may only send events"],
    [404, "not_found", 404, "does not know ad account 549755885175"],
    [429, "rate_limited", 429, "slow down"],
    [503, "pinterest_unavailable", 502, "not answering"],
    [400, "invalid_input", 400, "The request was invalid."],
  ] as const)("status %i is told as %s", async (status, code, http, words) => {
    const { local, run } = await openTasks({ deadlineMs: 0 });
    local.fail({ kind: "status", status, retryAfter: 60, endpoint: "accounts" });
    const document = await run(LIST);
    expect(document).toMatchObject({
      ...LIST,
      ok: false,
      error: { code, message: expect.stringContaining(words) },
    });
    expect(toHttpStatus(document)).toBe(http);
  });

  test("an answer that can't be read is told, not shown", async () => {
    const { local, run } = await openTasks({ deadlineMs: 0 });
    local.fail({ kind: "malformed", endpoint: "accounts" });
    expect(await run(LIST)).toMatchObject({
      error: {
        code: "pinterest_unavailable",
        message: expect.stringContaining("could not be read"),
      },
    });
  });

  test("a tag that is not there is named, with where to look", async () => {
    const { run } = await openTasks();
    const document = await run({ ...ONE, conversionTagId: "2613047725493" });
    expect(document).toMatchObject({
      ok: false,
      error: {
        code: "not_found",
        message: expect.stringContaining("has no tag 2613047725493"),
        action: expect.stringContaining("list_conversion_tags"),
      },
    });
  });

  test("a token from Ads Manager learns that it may only send events", async () => {
    const { local, run } = await openTasks();
    local.directory.addToken(TOKEN, { kind: "conversion" });
    expect(await run(LIST)).toMatchObject({
      error: { code: "forbidden", message: expect.stringContaining("may only send events") },
    });
  });
});

import { expect, test } from "vitest";
import { runTask } from "#app/tasks/run-task.server.ts";
import { taskRequest } from "#test/support/task-fixture.ts";
import { answer, startPinterest } from "#test/unit/pinterest/pinterest-stub.ts";

test("an ad account without tags is no failure, and says what to do", async () => {
  const { client, url } = await startPinterest(answer(200, { items: [] }));
  const document = await runTask(
    {
      pinterest: async () => client,
      apiUrl: url,
      shop: null,
      nowMs: Date.now,
      random: Math.random,
      wait: () => expect.fail("there is nothing to wait for"),
      deadlineMs: 0,
    },
    taskRequest({ task: "list_conversion_tags" }),
  );
  expect(document).toEqual({
    task: "list_conversion_tags",
    demo: false,
    ok: true,
    ad_account_id: "549755885175",
    tags: [],
    note: expect.stringMatching(/has no tags.*Events can be sent without one\..*Ads Manager/),
  });
});

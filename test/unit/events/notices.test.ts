import { describe, expect, test } from "vitest";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { NoticeEntry } from "#app/events/notices/notice.ts";
import { NOTICES } from "#app/events/notices/notices.ts";

describe("the texts of errors", () => {
  test("have an id each, and it never means two things", () => {
    const ids = Object.values(NOTICES).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^E\d\d$/.test(id))).toEqual([]);
  });

  test("have a title without a full stop, and a cause and a next step that are sentences", () => {
    for (const entry of Object.values<NoticeEntry>(NOTICES)) {
      for (const { title, cause, nextStep } of [entry, ...Object.values(entry.variants ?? {})]) {
        expect(title ?? "").not.toMatch(/\.$/);
        // The first ends with Pinterest's own words, the second with how many events wait.
        expect(cause ?? ".").toMatch(/[.”]$/);
        expect(nextStep ?? ".").toMatch(/([.]|\{kept\})$/);
      }
    }
  });

  test("have every blank filled, with what is given and nothing of it read again", () => {
    const { title, nextStep } = formatNotice("tag_unknown", {
      account: "7",
      tag: "{account}",
    });
    expect(title).toBe("Ad account 7 has no tag {account}");
    expect(nextStep).not.toMatch(/[{}]/);
  });
});

import { describe, expect, test } from "vitest";
import { describeMerchantError, MERCHANT_ERRORS } from "#app/events/merchant-errors.ts";

describe("the texts of errors", () => {
  test("have an id each, and it never means two things", () => {
    const ids = Object.values(MERCHANT_ERRORS).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^E\d\d$/.test(id))).toEqual([]);
  });

  test("end where the next one begins: only the next step is a sentence of its own", () => {
    for (const { title, cause, nextStep } of Object.values(MERCHANT_ERRORS)) {
      expect([title, cause].filter((text) => text.endsWith("."))).toEqual([]);
      expect(nextStep).toMatch(/\.$/);
    }
  });

  test("have every blank filled, with what is given and nothing of it read again", () => {
    const { title, nextStep } = describeMerchantError("tag_unknown", {
      account: "7",
      tag: "{account}",
    });
    expect(title).toBe("Ad account 7 has no tag {account}");
    expect(nextStep).not.toMatch(/[{}]/);
  });
});

import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { fixture } from "./pinterest-stub.ts";

/** Pinterest's own schemas, so that no test rests on an answer that Pinterest would never give. */
const url = new URL("../../fixtures/pinterest/events.schema.json", import.meta.url);
const ajv = new Ajv2020({ strict: false, validateFormats: false });
const { $id } = JSON.parse(readFileSync(url, "utf8")) as { $id: string };
ajv.addSchema(JSON.parse(readFileSync(url, "utf8")));

test.each([
  ["events-processed", "EventsResponse"],
  ["events-one-failed", "EventsResponse"],
  ["events-partly-refused", "DetailedError"],
  ["events-refused-untyped", "DetailedError"],
  ["conversion-tags", "ConversionTagList"],
  ["ad-accounts", "AdAccountList"],
  ["user-account", "UserAccount"],
  ["event-quality", "EventQualityScoreList"],
  ["oauth-refreshed", "OauthTokenResponseRefresh"],
  ["conversion-token", "ConversionAccessTokenResponse"],
])("the answer %s is one that Pinterest's specification allows", (name, schema) => {
  const validate = ajv.getSchema(`${$id}#/$defs/${schema}`);
  validate?.(fixture(name));
  expect(validate?.errors).toBeNull();
});

import { expect, test } from "vitest";
import { conversionEvent, EVENT_NAMES } from "#app/events/conversion-event.ts";
import { deriveEventId } from "#app/events/event-id.ts";
import {
  canIdentify,
  computeKeyBits,
  MATCH_KEYS,
  matchKeysFromBits,
} from "#app/events/match-keys.ts";

const digest = "a".repeat(64);

test("the match keys of an event can be read back from its bits", () => {
  const bits = computeKeyBits({ em: [digest], zp: [digest], client_user_agent: "Mozilla" });
  expect(matchKeysFromBits(bits)).toEqual(["em", "zp", "client_user_agent"]);
  expect(matchKeysFromBits(0)).toEqual([]);
});

test("stored bits keep their meaning: email is 1, phone 2, user agent 16384", () => {
  expect(computeKeyBits({ em: [digest] })).toBe(1);
  expect(computeKeyBits({ ph: [digest] })).toBe(2);
  expect(computeKeyBits({ client_user_agent: "Mozilla" })).toBe(16_384);
  expect(matchKeysFromBits(2 ** MATCH_KEYS.length - 1)).toEqual([...MATCH_KEYS]);
});

test("email, a device id, or IP address with user agent identifies a shopper; phone alone does not", () => {
  expect(canIdentify({ em: [digest] })).toBe(true);
  expect(canIdentify({ hashed_maids: [digest] })).toBe(true);
  expect(canIdentify({ client_ip_address: "192.0.2.1", client_user_agent: "M" })).toBe(true);
  expect(canIdentify({ client_ip_address: "192.0.2.1" })).toBe(false);
  expect(canIdentify({ ph: [digest], external_id: [digest], click_id: "dj0" })).toBe(false);
});

test("the id of a purchase is made of the order's id alone", () => {
  expect(deriveEventId("order", "820982911946154508", "checkout")).toBe(
    "order-820982911946154508-checkout",
  );
});

test("Pinterest's 22 event names are known, each once", () => {
  expect(EVENT_NAMES).toHaveLength(22);
  expect(new Set(EVENT_NAMES).size).toBe(22);
});

const event = {
  event_name: "checkout",
  action_source: "web",
  event_time: 1_795_510_682,
  event_id: "order-1-checkout",
  user_data: { em: [digest] },
};

test("an event with a key that Pinterest does not know is refused, wherever the key is", () => {
  expect(conversionEvent.safeParse(event).success).toBe(true);
  const unknown = { surprise: 1 };
  const wrong = [
    { ...event, ...unknown },
    { ...event, user_data: { ...event.user_data, ...unknown } },
    { ...event, custom_data: unknown },
    { ...event, custom_data: { contents: [{ id: "1", ...unknown }] } },
  ];
  for (const candidate of wrong) expect(conversionEvent.safeParse(candidate).success).toBe(false);
});

test("an event with a plain email, a number for money, or milliseconds is refused", () => {
  const wrong = [
    { ...event, user_data: { em: ["jane@example.com"] } },
    { ...event, custom_data: { value: 72.39 } },
    { ...event, custom_data: { value: "1e3" } },
    { ...event, event_time: event.event_time * 1000 },
    { ...event, custom_data: { order_id: null } },
  ];
  for (const candidate of wrong) expect(conversionEvent.safeParse(candidate).success).toBe(false);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_EVENT_BYTES } from "#app/events/conversion-event.ts";
import { checkEvent } from "#app/mapping/check-event.server.ts";

const identity = {
  kind: "checkout" as const,
  actionSource: "web" as const,
  eventTimeSeconds: 1_700_000_000,
  eventId: "order-1-checkout",
};

function eventWith(text: string) {
  const id = { contents: [{ id: text, quantity: 1 }], content_ids: [text] };
  return checkEvent(identity, { user_data: { em: ["0".repeat(64)] }, custom_data: id });
}

const overhead = Buffer.byteLength(JSON.stringify(eventWith("x"))) - 2;

test("an event is refused for its size exactly when its JSON is larger than the limit", () => {
  // From one byte to six as JSON writes them.
  const letter = fc.constantFrom(
    "a",
    "\u00e9",
    "\u6f22",
    "\u{1f338}",
    '"',
    "\n",
    "\u0001",
    "\ud800",
  );
  fc.assert(
    fc.property(letter, fc.integer({ min: -3, max: 3 }), (char, more) => {
      const each = Buffer.byteLength(JSON.stringify(char)) - 2;
      const count = Math.floor((MAX_EVENT_BYTES - overhead) / 2 / each) + more;
      const take = () => eventWith(char.repeat(count));
      if (overhead + 2 * count * each <= MAX_EVENT_BYTES) expect(take).not.toThrow();
      else expect(take).toThrow("larger than 64 KiB");
    }),
  );
});

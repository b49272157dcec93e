interface ReasonWords {
  /** After "Not sent:". */
  words: string;
  /** In a list of reasons, where that is not the words with a capital letter. */
  label?: string;
  /** In a workflow of Shopify Flow, where a rule of the store skips the event: the rule and its setting. */
  rule?: string;
}

/** Why an event is not sent, and how that is said. A new reason begins with a line here. */
export const UNSENT_WORDS = {
  no_match_key: { words: "no email, and no IP address with browser" },
  consent_refused: {
    words: "shopper declined marketing",
    rule: "the shopper declined advertising",
  },
  consent_unknown: {
    words: "no consent on record",
    rule: "nothing is known of the shopper's consent to advertising, and the setting consent.<region> requires it",
  },
  test_order: {
    words: "test order",
    rule: "this is a test order, and the setting test_orders skips those",
  },
  cancelled: {
    words: "canceled before sending",
    rule: "the order is cancelled, and the setting cancelled_orders skips those",
  },
  zero_total: {
    words: "total is zero",
    rule: "the order's total is zero, and the setting zero_total_orders skips those",
  },
  source_off: {
    words: "your rule skips {source} orders",
    label: "Your rule skips the source",
    rule: "the settings source.<name> skip orders of this sales channel",
  },
  event_off: { words: "you turned {kind} off", label: "You turned the event off" },
  duplicate: { words: "already sent under another ID" },
  imported: { words: "customer was imported" },
  guest: { words: "customer is a guest, not a sign-up" },
  redacted: { words: "removed at the customer's request" },
  too_old: { words: "older than 7 days" },
  unreadable: { words: "Shopify's message could not be read" },
  content_gone: { words: "its content is no longer kept", label: "Content no longer kept" },
} as const satisfies Record<string, ReasonWords>;

export type UnsentReason = keyof typeof UNSENT_WORDS;

/** The words of a reason, and its name in a list and in a workflow. */
export function findReasonWords(reason: UnsentReason): ReasonWords & { label: string } {
  const found: ReasonWords = UNSENT_WORDS[reason];
  const label = found.words.slice(0, 1).toUpperCase() + found.words.slice(1);
  return { label, ...found };
}

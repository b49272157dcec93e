import type { ShopifyFailure } from "#app/shopify/ask-shopify.server.ts";
import { type FlowAnswer, refuse, retryLater } from "./flow-answer.server.ts";

const DENIED = {
  code: "forbidden",
  message: "Shopify did not let Pinrelay read this order or customer: a permission is missing.",
  action: "Open Pinrelay in the Shopify admin, approve what it asks for, and run this again.",
};

const SILENCE = { code: "shopify_unavailable", message: "Shopify did not answer in time." };

const NOT_FOUND = {
  order: {
    code: "not_found",
    message:
      "Shopify has no such order: it was deleted, or is older than the 60 days that apps may see.",
    action: "Give the customer or an email in place of the order.",
  },
  customer: {
    code: "not_found",
    message: "Shopify has no such customer: it was deleted or merged with another.",
    action: "Give an email in place of the customer.",
  },
};

/** What Flow is told where Shopify did not give what a run is about. */
export function explainFailure(
  failure: ShopifyFailure,
  subject: keyof typeof NOT_FOUND,
): FlowAnswer {
  switch (failure) {
    case "denied":
      return refuse(DENIED);
    case "silent":
      return retryLater(SILENCE);
    case "not_found":
      return refuse(NOT_FOUND[subject]);
  }
}

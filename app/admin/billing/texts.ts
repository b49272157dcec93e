import type { BillingState } from "#app/events/billing-state.ts";

/** Texts of the page Plan, which exists only where the operator charges. */
export const billingTexts = {
  title: "Plan",
  settings: "Settings",
  cardTitle: "What Pinrelay costs",
  prices: {
    recurring: "{price} every 30 days",
    usage: "{price} for each started 1,000 events accepted by Pinterest, at most {cap} in 30 days",
  },
  trial: "{days, plural, =0 {} one {The first day is free.} other {The first # days are free.}}",
  rule: "Shopify charges it with your Shopify bill, and asks for your approval first. Events before the approval are free.",
  states: {
    none: "No plan yet",
    pending: "Waiting for your approval",
    active: "Active",
    declined: "Declined",
    frozen: "On hold",
    cancelled: "Canceled",
  } satisfies Record<BillingState, string>,
  explanations: {
    none: "This store has not approved a plan.",
    pending: "The plan was started and is not approved yet. Shopify's page asks you for it.",
    active: "Shopify charges this store for the plan.",
    declined: "The plan was not approved. Nothing was charged.",
    frozen:
      "Shopify put the plan on hold because the store's Shopify bill is not paid. It resumes by itself once the bill is paid.",
    cancelled: "The plan has ended. Nothing more is charged.",
  } satisfies Record<BillingState, string>,
  start: "Approve plan in Shopify",
  checkAgain: "Check again",
  asOf: "From Shopify",
  never: "Shopify was not asked yet.",
  usage:
    "Charged since the plan began: {charged, plural, one {# thousand events} other {# thousand events}}.",
  usageFree:
    "{free, plural, one {# thousand more was} other {# thousand more were}} free, above the 30-day maximum.",
  checked: "Plan checked",
  faults: {
    active: "This store has an active plan already. Nothing was changed.",
    refused: "Shopify did not make the plan. Nothing was changed. Try again in a few minutes.",
    shopify_silent: "Shopify did not answer. Nothing was changed. Try again in a minute.",
  },
} as const;

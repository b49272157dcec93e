import { MERCHANT_ERRORS } from "#app/events/merchant-errors.ts";

const {
  connection_refused,
  role_missing,
  sending_late,
  pinterest_down,
  rate_limited,
  paused,
  sign_in_ending,
  events_refused,
  field_unknown,
  currency_missing,
  unmatched_share,
  ran_out_of_time,
  stopped_by_fault,
  all_refused,
  scopes_missing,
  customer_data_missing,
} = MERCHANT_ERRORS;

/** A cause as a sentence of its own: in the catalogue it may be followed by more. */
const sentence = <Text extends string>(cause: Text): `${Text}.` => `${cause}.`;

/**
 * The catalogue's entries as the screens of a shop say them. Where a screen knows more than a task
 * does (since when, how many are kept), its cause and next step say so; id and title are the same.
 */
export const problemTexts = {
  connectionRefused: {
    id: connection_refused.id,
    title: connection_refused.title,
    cause:
      'Pinterest answered "not signed in" at {time}; this happens after a password change or withdrawn access. We test it every hour.',
    nextStep: "Reconnect. {kept}",
    action: "Reconnect",
  },
  roleMissing: {
    id: role_missing.id,
    title: role_missing.title,
    cause:
      "The account is in the user's list, but sending needs Owner, Admin, Analyst, Audience or Campaign access. We test it every hour.",
    nextStep: "Ask an admin for access, then test the connection. {kept}",
    action: "Open connection",
  },
  accountUnknown: {
    id: role_missing.id,
    title: "Pinterest does not let this connection send to {account}",
    cause: "The ad account was closed, or the connection's user no longer has a role on it.",
    nextStep: "Ask an admin of the ad account, or connect another one. {kept}",
    action: "Open connection",
  },
  stoppedByFault: {
    ...stopped_by_fault,
    cause: sentence(stopped_by_fault.cause),
    nextStep: "Copy the report on the Help page and send it to us; we test every hour. {kept}",
    action: "Open Help",
  },
  allRefused: { ...all_refused, cause: sentence(all_refused.cause), action: "View waiting" },
  sendingLate: { ...sending_late, cause: sentence(sending_late.cause), action: "View waiting" },
  pinterestDown: {
    id: pinterest_down.id,
    title: pinterest_down.title,
    cause:
      "{n, plural, one {# request} other {# requests}} failed since {time}; we try again with the same IDs.",
    nextStep: "There is nothing you need to do.",
  },
  rateLimited: {
    id: rate_limited.id,
    title: rate_limited.title,
    cause: "The limit for {account} was reached; sending goes on at {time}.",
    nextStep: "There is nothing you need to do. If it repeats, check for other senders.",
  },
  paused: {
    id: paused.id,
    title: paused.title,
    cause: "{who} paused it on {date}. Events over an hour old will count as offline.",
    nextStep: "Resume sending. {kept}",
    action: "Resume",
  },
  signInEnding: {
    ...sign_in_ending,
    cause: sentence(sign_in_ending.cause),
    causeUnknown: "It was not renewed so far.",
    action: "Sign in again",
  },
  // Its cause ends with Pinterest's own words.
  eventsRefused: { ...events_refused, action: "View refused" },
  fieldUnknown: { ...field_unknown, cause: sentence(field_unknown.cause), action: "Open Help" },
  currencyMissing: {
    ...currency_missing,
    cause: sentence(currency_missing.cause),
    action: "View events",
  },
  unmatchedShare: {
    ...unmatched_share,
    cause: sentence(unmatched_share.cause),
    action: "View purchases",
  },
  ranOutOfTime: {
    ...ran_out_of_time,
    cause: sentence(ran_out_of_time.cause),
    neverTried: "the connection to Pinterest was off",
    tried: "Pinterest did not take them",
    action: "View events",
  },
  scopesMissing: { ...scopes_missing, cause: sentence(scopes_missing.cause) },
  customerDataMissing: {
    ...customer_data_missing,
    cause: sentence(customer_data_missing.cause),
  },
} as const;

/** How many events wait, to follow a next step. */
export const keptTexts = {
  kept: "{n, plural, one {{count} event is} other {{count} events are}} kept until {date}.",
  none: "Events are kept meanwhile.",
} as const;

/** Who did something, by the audit log's actor. */
export const actorWords = {
  user: "Someone on your staff",
  cli: "The person who runs Pinrelay",
  system: "Pinrelay",
} as const;

/**
 * What goes wrong, in a merchant's words: one text for each, whether it stands in a banner, beside a
 * field, in a terminal or in an answer of the API. {names} are filled by `describeMerchantError`.
 */
export const MERCHANT_ERRORS = {
  connection_refused: {
    id: "E01",
    title: "Pinterest no longer accepts this connection",
    cause:
      "Pinterest did not accept the store's access token: it ran out, was withdrawn, or ended with a changed password",
    nextStep: "Connect the store to Pinterest again, with a new token.",
  },
  role_missing: {
    id: "E02",
    title: "This Pinterest user can't send events to ad account {account}",
    cause: "Sending needs Owner, Admin, Analyst, Audience or Campaign access to the ad account",
    nextStep: "Ask an admin of the business for access, then try again.",
  },
  wrong_account: {
    id: "E03",
    title: "This token can't send to ad account {account}",
    cause:
      "The number has a typing error, or the token's user has no Owner, Admin, Analyst, Audience or Campaign access to that ad account",
    nextStep: "Copy number and token from the same place: Pinterest Ads Manager, Conversions.",
  },
  pinterest_down: {
    id: "E06",
    title: "Pinterest is not answering",
    cause: "It could not be reached or is out of order, for as long as we tried ({detail})",
    nextStep: "Try again in a few minutes with the same input: no event counts twice.",
  },
  rate_limited: {
    id: "E07",
    title: "Pinterest asked us to slow down",
    cause: "The limit of requests for ad account {account} was reached",
    nextStep: "Try again in {seconds} s with the same input: no event counts twice.",
  },
  paused: {
    id: "E09",
    title: "Sending is paused",
    cause: "The store's connection to Pinterest was paused, by a person or because it was refused",
    nextStep:
      "Connect the store again. Events are kept and sent then, while they are young enough.",
  },
  event_refused: {
    id: "E11",
    title: "Pinterest refused this event",
    cause: 'Its answer: "{answer}"',
    nextStep: "Correct what the answer names, and send this event again.",
  },
  no_match_key: {
    id: "E14",
    title: "This event can't be matched to a person",
    cause: "Pinterest needs an email address, or the browser's IP address and user agent together",
    nextStep: "Give email, or clientIpAddress and clientUserAgent.",
  },
  out_of_time: {
    id: "E15",
    title: "This event ran out of time",
    cause: "Pinterest takes events for 7 days, and this one could not be sent by then",
    nextStep: "It can't be sent any more; `pinrelay events show` tells what was tried.",
  },
  too_old: {
    id: "E16",
    title: "This event is too old",
    cause: "Pinterest takes events for 7 days, and the last 4 hours are left for the way there",
    nextStep: "Correct eventTime if it is wrong; else leave this event out.",
  },
  tags_closed: {
    id: "E25",
    title: "This token can't read the tags of ad account {account}",
    cause:
      "Tokens made in Ads Manager may only send events; another needs the scope ads:read, and its user a role on the ad account",
    nextStep: "Use a token of a sign-in with Pinterest, or look at the tags in Ads Manager.",
  },
  answer_unreadable: {
    id: "E26",
    title: "Pinterest's answer could not be read",
    cause: "It does not have the form that Pinterest describes",
    nextStep: "Try again in a few minutes. If it stays, look for a newer version of Pinrelay.",
  },
  test_limit: {
    id: "E30",
    title: "One moment",
    cause: "Pinterest allows ten test requests a second, for all users of an app together",
    nextStep: "Try again in {seconds} s.",
  },
  token_missing: {
    id: "E31",
    title: "There is no access token",
    cause: "Without one, Pinterest does not know on whose behalf the request comes",
    nextStep:
      "Give accessToken (on the command line: --token-env and the variable that holds it), or try it first with demoMode.",
  },
  not_connected: {
    id: "E32",
    title: "This store is not connected to Pinterest",
    cause: "It has no ad account to send to",
    nextStep: "Connect it (pinrelay shop connect), or give accessToken and adAccountId.",
  },
  token_refused: {
    id: "E33",
    title: "Pinterest does not accept this access token",
    cause: "It was not copied whole, ran out, or was withdrawn",
    nextStep: "Make a new one in Pinterest Ads Manager, Conversions, and use that.",
  },
  input_unusable: {
    id: "E34",
    title: "The input can't be used",
    cause: "{faults}",
    nextStep: "Correct what is named, and send it again.",
  },
  account_unknown: {
    id: "E35",
    title: "Pinterest does not know ad account {account}",
    cause: "The number has a typing error, or the ad account was closed",
    nextStep: "Copy the number from Pinterest Ads Manager.",
  },
  tag_unknown: {
    id: "E36",
    title: "Ad account {account} has no tag {tag}",
    cause: "The number has a typing error, or the tag belongs to another ad account",
    nextStep: "Take the number from the list of tags (list_conversion_tags).",
  },
  no_tags: {
    id: "E37",
    title: "Ad account {account} has no tags",
    cause: "None was made yet",
    nextStep:
      "Events can be sent without one. To make one, open Conversions in Pinterest Ads Manager.",
  },
  answer_lost: {
    id: "E38",
    title: "Nobody knows whether Pinterest took this",
    cause: "It was sent, and the answer was lost or could not be read ({detail})",
    nextStep: "Send the same input again: under the same ids, no event counts twice.",
  },
  duplicate: {
    id: "E39",
    title: "This event stands in the batch twice",
    cause: "Row {row} has the same event name and event id, and is the one that counts",
    nextStep: "Nothing, if it is the same event; else give each an eventId of its own.",
  },
  kept_back: {
    id: "E40",
    title: "The store has this event, and keeps it back",
    cause: "It came from the store before, and was skipped as {reason}",
    nextStep: "Look at it with `pinrelay events show`; a setting of the store may allow it.",
  },
  api_key_missing: {
    id: "E41",
    title: "There is no API key",
    cause: "The request names no store to act for",
    nextStep: "Send the header `Authorization: Bearer <API key>`, with a key of the store.",
  },
  api_key_unknown: {
    id: "E42",
    title: "This API key is not accepted",
    cause: "It was not copied whole, was revoked, or its store no longer has the app",
    nextStep: "Make another with `pinrelay shop api-key`.",
  },
  api_key_limited: {
    id: "E43",
    title: "Too many requests with this API key",
    cause: "A key may make ten requests a second, and a hundred at once",
    nextStep: "Try again in {seconds} s. Many events fit into one send_batch_events.",
  },
  not_stored: {
    id: "E44",
    title: "The events could not be stored",
    cause: "Pinrelay's database did not answer",
    nextStep: "Try again in a few seconds with the same input: no event counts twice.",
  },
} as const satisfies Record<string, MerchantError>;

/** `id` is the same for ever; title and cause have no full stop, the next step is a sentence. */
export interface MerchantError {
  id: string;
  title: string;
  cause: string;
  nextStep: string;
}

export type MerchantErrorName = keyof typeof MERCHANT_ERRORS;

type Texts<Name extends MerchantErrorName> = (typeof MERCHANT_ERRORS)[Name][
  | "title"
  | "cause"
  | "nextStep"];

type Blank<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Blank<Rest>
  : never;

/** What the texts of an entry leave open; the compiler misses what is not given. */
export type MerchantErrorValues<Name extends MerchantErrorName> = Record<
  Blank<Texts<Name>>,
  string | number
>;

/** An entry with its blanks filled. */
export function describeMerchantError<Name extends MerchantErrorName>(
  name: Name,
  values: MerchantErrorValues<Name>,
): MerchantError {
  const { id, title, cause, nextStep } = MERCHANT_ERRORS[name];
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, blank: keyof typeof values) => String(values[blank]));
  return { id, title: fill(title), cause: fill(cause), nextStep: fill(nextStep) };
}

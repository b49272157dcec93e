import type { NoticeEntry } from "./notice.ts";

/** What goes wrong with a task, whichever door it came in by. */
export const TASK_NOTICES = {
  token_missing: {
    id: "E31",
    title: "There is no access token",
    cause: "Without one, Pinterest does not know on whose behalf the request comes.",
    nextStep:
      "Give accessToken (on the command line: --token-env and the variable that holds it), or try it first with demoMode.",
  },
  not_connected: {
    id: "E32",
    title: "This store is not connected to Pinterest",
    cause: "It has no ad account to send to.",
    nextStep: "Connect it (pinrelay shop connect), or give accessToken and adAccountId.",
    variants: {
      card: {
        cause: "Orders are already being kept.",
        nextStep: "Connect Pinterest to see {subject}.",
        action: "Connect Pinterest",
      },
    },
  },
  token_refused: {
    id: "E33",
    title: "Pinterest does not accept this access token",
    cause: "It was not copied whole, ran out, or was withdrawn.",
    nextStep: "Make a new one in Pinterest Ads Manager, Conversions, and use that.",
  },
  input_unusable: {
    id: "E34",
    title: "The input can't be used",
    cause: "{faults}.",
    nextStep: "Fix the fields listed above, then send again.",
  },
  account_unknown: {
    id: "E35",
    title: "Pinterest does not know ad account {account}",
    cause: "The number has a typing error, or the ad account was closed.",
    nextStep: "Copy the number from Pinterest Ads Manager.",
    variants: {
      card: {
        title: "Pinterest does not know this ad account",
        cause: "It was closed, or the store is now connected to another one.",
        nextStep: "Look at the connection, and choose the ad account again.",
        action: "Open Pinterest connection",
      },
    },
  },
  tag_unknown: {
    id: "E36",
    title: "Ad account {account} has no tag {tag}",
    cause: "The number has a typing error, or the tag belongs to another ad account.",
    nextStep: "Take the number from the list of tags (list_conversion_tags).",
    variants: {
      page: {
        title: "This ad account has no such tag",
        nextStep: "Choose one from the list of tags.",
      },
    },
  },
  no_tags: {
    id: "E37",
    title: "Ad account {account} has no tags",
    cause: "None was made yet.",
    nextStep:
      "Events can be sent without one. To make one, open Conversions in Pinterest Ads Manager.",
  },
  answer_lost: {
    id: "E38",
    title: "We couldn't confirm whether Pinterest received this event",
    cause: "It was sent, and the answer was lost or could not be read ({detail}).",
    nextStep: "Send the same input again: under the same ids, no event counts twice.",
  },
  duplicate: {
    id: "E39",
    title: "This event appears twice in the batch",
    cause: "Row {row} has the same event name and event id, and is the one that counts.",
    nextStep: "Nothing, if it is the same event; else give each an eventId of its own.",
  },
  kept_back: {
    id: "E40",
    title: "This event already exists and was skipped",
    cause: "The store sent it before, and it was skipped ({reason}).",
    nextStep: "Look at it with `pinrelay events show`; a setting of the store may allow it.",
  },
  api_key_missing: {
    id: "E41",
    title: "There is no API key",
    cause: "The request names no store to act for.",
    nextStep: "Send the header `Authorization: Bearer <API key>`, with a key of the store.",
  },
  api_key_unknown: {
    id: "E42",
    title: "This API key is not accepted",
    cause: "It was not copied whole, was revoked, or its store no longer has the app.",
    nextStep: "Make another with `pinrelay shop api-key`.",
  },
  api_key_scope: {
    id: "E63",
    title: "This API key may not do this",
    cause: "The task needs a key with the scope {scope}; nothing was sent.",
    nextStep: "Use another key, or make one with `pinrelay shop api-key --scope {scope}`.",
  },
  api_key_limited: {
    id: "E43",
    title: "Too many requests with this API key",
    cause: "A key may make ten requests a second, and a hundred at once.",
    nextStep: "Try again in {seconds} s. Many events fit into one send_batch_events.",
  },
  api_key_waiting: {
    id: "E51",
    title: "Too much is under way with this API key",
    cause: "A key may have 50 requests, 32 MiB and 20,000 events in hand at once.",
    nextStep: "Try again in {seconds} s, or wait for the answers before you send more.",
  },
  callbacks_waiting: {
    id: "E53",
    title: "Too many results of this store wait to be posted",
    cause: "1,000 of them or 64 MiB wait for the addresses that webhookUrl named.",
    nextStep: "See why the receivers do not answer 2xx, or leave out webhookUrl; nothing was sent.",
  },
  too_busy: {
    id: "E52",
    title: "Pinrelay has too much in hand",
    cause: "Other requests hold all the memory that there is for them.",
    nextStep: "Try again in a few seconds with the same input: no event counts twice.",
  },
  not_stored: {
    id: "E44",
    title: "The events could not be stored",
    cause: "Pinrelay's database did not answer.",
    nextStep: "Try again in a few seconds with the same input: no event counts twice.",
  },
  event_refused: {
    id: "E48",
    title: "Pinterest refused this event",
    cause: 'Its answer: "{answer}".',
    nextStep: "Correct what the answer names, and send this event again.",
    variants: {
      tested: {
        title: "Pinterest did not process the test event",
        cause: 'Its answer: "{answer}".',
        nextStep: "Nothing was changed.",
      },
    },
  },
  no_match_key: {
    id: "E49",
    title: "This event can't be matched to a person",
    cause: "Pinterest needs an email address, or the browser's IP address and user agent together.",
    nextStep: "Give email, or clientIpAddress and clientUserAgent.",
  },
  out_of_time: {
    id: "E50",
    title: "This event ran out of time",
    cause: "Pinterest takes events for 7 days, and this one could not be sent by then.",
    nextStep: "It can't be sent any more; `pinrelay events show` tells what was tried.",
  },
} as const satisfies Record<string, NoticeEntry>;

import { z } from "zod";
import { MAX_ID_DIGITS } from "#app/pinterest/limits.server.ts";
import { TASKS } from "#app/tasks/task-document.server.ts";
import {
  choice,
  either,
  eventInput,
  flag,
  matching,
  number,
  webAddress,
  wholeNumber,
} from "./event-input.server.ts";

/** Events in one batch. */
export const MAX_EVENTS = 10_000;
/** The size limit of all payloads of one task. */
export const MAX_EVENTS_BYTES = 24 * 1024 * 1024;
const MAX_WAIT_SECONDS = 30;
/** The length limit of a token, including spaces that copying left around it. */
const MAX_TOKEN = 5_000;
export const DEFAULT_WAIT_SECONDS = 10;

export const EVENTS_RULE = `must be a list of 1 to ${MAX_EVENTS} events, or text that holds one as JSON`;

const ID_RULE = `must be 1 to ${MAX_ID_DIGITS} digits`;
const pinterestId = either(ID_RULE, [
  matching(/^\d+$/, ID_RULE, MAX_ID_DIGITS),
  wholeNumber(1, Number.MAX_SAFE_INTEGER, ID_RULE),
]);

const WAIT_RULE = `must be a number of seconds from 0 to ${MAX_WAIT_SECONDS}`;

/** The keys given once, beside the events. */
const topFields = {
  task: choice(TASKS).meta({ description: "What to do", default: "send_event" }).optional(),
  accessToken: matching(
    /^\s*[\x21-\x7E]{1,4096}\s*$/,
    "must be the token alone, without spaces in it and without the word Bearer",
    MAX_TOKEN,
  )
    .meta({ description: "A Pinterest token of your own. Not given: the store's connection" })
    .optional(),
  adAccountId: pinterestId
    .meta({ description: "Pinterest ad account. Not given: the connection's" })
    .optional(),
  events: either(EVENTS_RULE, [z.array(eventInput).min(1).max(MAX_EVENTS), z.string()])
    .meta({
      description:
        "Of `send_batch_events`: the events, together at most 24 MiB as they are sent. Keys beside it are their defaults, but for `eventId` and lists",
    })
    .optional(),
  conversionTagId: pinterestId.meta({ description: "Of `get_conversion_tag`" }).optional(),
  test: flag()
    .meta({ description: "Pinterest checks the events and records nothing", default: false })
    .optional(),
  webhookUrl: webAddress.meta({ description: "Where the result is posted to as well" }).optional(),
  waitSeconds: number(0, MAX_WAIT_SECONDS, WAIT_RULE)
    .meta({ description: "How long to wait for outcomes", default: DEFAULT_WAIT_SECONDS })
    .optional(),
  demoMode: flag()
    .meta({ description: "Nothing is sent: shows what would be", default: false })
    .optional(),
};

/** The whole input of a task, as every caller may give it. */
export const taskInput = z.strictObject({ ...topFields, ...eventInput.shape });

/** The same, with the events not looked at: a wrong one of them stops no other. */
export const topInput = taskInput.extend({ events: z.unknown().optional() });

export type TopInput = z.infer<typeof topInput>;

export const EVENT_KEYS: readonly string[] = Object.keys(eventInput.shape);

/** Keys that make no sense in one of many events. */
export const TOP_KEYS: readonly string[] = Object.keys(topFields);

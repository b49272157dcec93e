import type {
  FailureDocument,
  SendDocument,
  TagsDocument,
  TaskErrorCode,
} from "#app/tasks/task-document.server.ts";

/** SHA-256 of jane.doe@example.com. */
const HASHED_EMAIL = "86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d";

const ACCOUNT = "549755885175";

export const INPUT_EXAMPLES = {
  send_event: {
    task: "send_event",
    eventName: "checkout",
    eventId: "order-1001",
    email: "jane.doe@example.com",
    value: "49.90",
    currency: "USD",
    orderId: "1001",
    productId: "SKU-1",
  },
  send_batch_events: {
    task: "send_batch_events",
    currency: "EUR",
    events: [
      { eventName: "signup", email: "jane.doe@example.com" },
      { eventName: "checkout", email: HASHED_EMAIL, isAlreadyHashed: true, value: 12.5 },
    ],
  },
  list_conversion_tags: { task: "list_conversion_tags" },
  get_conversion_tag: { task: "get_conversion_tag", conversionTagId: "2617998078212" },
};

const SENT: SendDocument = {
  task: "send_event",
  demo: false,
  test: false,
  ok: true,
  ad_account_id: ACCOUNT,
  summary: { received: 1, accepted: 1, failed: 0, skipped: 0 },
  results: [
    {
      index: 0,
      event_id: "order-1001",
      event_name: "checkout",
      status: "accepted",
      warning: null,
      error: null,
      event: {
        event_name: "checkout",
        action_source: "web",
        event_time: 1_795_600_000,
        event_id: "order-1001",
        partner_name: "ss-pinrelay",
        user_data: { em: [HASHED_EMAIL] },
        custom_data: {
          currency: "USD",
          value: "49.90",
          content_ids: ["SKU-1"],
          contents: [{ id: "SKU-1" }],
          num_items: 1,
          order_id: "1001",
        },
      },
    },
  ],
};

const TAGS: TagsDocument = {
  task: "list_conversion_tags",
  demo: false,
  ok: true,
  ad_account_id: ACCOUNT,
  tags: [{ id: "2617998078212", ad_account_id: ACCOUNT, name: "Online store", status: "ACTIVE" }],
};

export const ANSWER_EXAMPLES = { send_event: SENT, list_conversion_tags: TAGS };

export function exampleFailure(
  code: TaskErrorCode,
  message: string,
  action: string,
): FailureDocument {
  const error = { code, message, action };
  if (code === "invalid_input") {
    const fields = [{ path: "currency", message }];
    return { task: "send_event", ok: false, error: { ...error, fields } };
  }
  const wait = code === "rate_limited" ? { retry_after_seconds: 30 } : {};
  return { task: "send_event", ok: false, error: { ...error, ...wait } };
}

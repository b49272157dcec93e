import type {
  FailureDocument,
  SendDocument,
  TagsDocument,
  TaskErrorCode,
} from "#app/tasks/task-document.server.ts";
import { describeSchemas, SCHEMAS } from "./describe-schemas.server.ts";

/**
 * The HTTP API in OpenAPI 3.1. The forms are those that inputs are read with, so that the two
 * cannot part. What JSON Schema cannot say (a hash only with `isAlreadyHashed`) is in the texts.
 */
export function describeOpenApi(): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "Pinrelay",
      version: "1",
      description: "Sends conversion events to Pinterest, and reads conversion tags, for one store",
    },
    paths: { "/api/v1/tasks": { post: describePost() } },
    components: {
      schemas: describeSchemas(),
      securitySchemes: {
        apiKey: {
          type: "http",
          scheme: "bearer",
          description: "An API key of the store, as `pinrelay shop api-key` makes it",
        },
      },
    },
  };
}

function describePost(): object {
  return {
    operationId: "runTask",
    summary: "Runs a task: sends one event or many, lists tags, or gets one",
    description:
      "Sending the same event again is safe: events count once by eventId and event name.",
    security: [{ apiKey: [] }],
    requestBody: {
      required: true,
      content: json(["TaskInput"], INPUT_EXAMPLES),
    },
    responses: {
      200: {
        description: "Done, in whole or in part: `ok` and each event's `status` say which",
        content: json(["SendDocument", "TagsDocument", "TagDocument"], ANSWER_EXAMPLES),
      },
      ...Object.fromEntries(FAILURES.map((failure) => [failure.status, describeFailure(failure)])),
    },
  };
}

interface Failure {
  status: number;
  description: string;
  code: TaskErrorCode;
  message: string;
  action: string;
  /** The response has the header of that name. */
  isRetryable?: boolean;
}

const FAILURES: readonly Failure[] = [
  {
    status: 400,
    description: "The input is faulty, or there is no token to send with",
    code: "invalid_input",
    message: "must be a currency code of three letters, such as USD",
    action: "Fix the fields listed above, then send again.",
  },
  {
    status: 401,
    description: "The API key, or Pinterest's token, is not accepted",
    code: "unauthorized",
    message: "This API key is not known.",
    action: "Make one with `pinrelay shop api-key`.",
  },
  {
    status: 403,
    description: "The API key lacks the scope of the task, or the token may not do this",
    code: "forbidden",
    message: "This token can't send to the ad account.",
    action: "Ask an admin of the business for access, then try again.",
  },
  {
    status: 404,
    description: "Pinterest knows no such ad account or tag",
    code: "not_found",
    message: "Pinterest does not know this tag.",
    action: "List the tags of the ad account, and take an id from there.",
  },
  {
    status: 413,
    description: "The request is too large",
    code: "invalid_input",
    message: "is too large",
    action: "Send fewer events at once.",
  },
  {
    status: 429,
    description: "Too many requests, here or at Pinterest",
    code: "rate_limited",
    message: "Too many requests.",
    action: "Try again in 30 s with the same input.",
    isRetryable: true,
  },
  {
    status: 502,
    description: "Pinterest did not answer, or its answer was lost",
    code: "pinterest_unavailable",
    message: "Pinterest is not answering.",
    action: "Try again in a few minutes with the same input: no event counts twice.",
  },
  {
    status: 503,
    description: "The events could not be stored",
    code: "pinterest_unavailable",
    message: "The events could not be stored.",
    action: "Try again in a few seconds with the same input: no event counts twice.",
    isRetryable: true,
  },
];

function describeFailure({ description, isRetryable = false, ...failure }: Failure): object {
  const { code, message, action } = failure;
  const example = exampleFailure(code, message, action);
  return {
    description,
    ...(isRetryable && { headers: { "Retry-After": RETRY_AFTER } }),
    // If a batch stopped midway, the rows show how far it got.
    content: json(["FailureDocument", "SendDocument"], { failure: example }),
  };
}

const RETRY_AFTER = { description: "Seconds", schema: { type: "integer" } };

function json(names: readonly string[], examples: Record<string, object>): object {
  const schemas = names.map((name) => ({ $ref: SCHEMAS + name }));
  const named = Object.entries(examples).map(([name, value]) => [name, { value }]);
  return {
    "application/json": {
      schema: schemas.length === 1 ? schemas[0] : { anyOf: schemas },
      examples: Object.fromEntries(named),
    },
  };
}

/** SHA-256 of jane.doe@example.com. */
const HASHED_EMAIL = "86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d";

const ACCOUNT = "549755885175";

const INPUT_EXAMPLES = {
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

const ANSWER_EXAMPLES = { send_event: SENT, list_conversion_tags: TAGS };

function exampleFailure(code: TaskErrorCode, message: string, action: string): FailureDocument {
  const error = { code, message, action };
  if (code === "invalid_input") {
    const fields = [{ path: "currency", message }];
    return { task: "send_event", ok: false, error: { ...error, fields } };
  }
  const wait = code === "rate_limited" ? { retry_after_seconds: 30 } : {};
  return { task: "send_event", ok: false, error: { ...error, ...wait } };
}

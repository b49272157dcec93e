import type { TaskErrorCode } from "#app/tasks/task-document.server.ts";
import { describeSchemas, SCHEMAS } from "./describe-schemas.server.ts";
import { ANSWER_EXAMPLES, exampleFailure, INPUT_EXAMPLES } from "./openapi-examples.server.ts";

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

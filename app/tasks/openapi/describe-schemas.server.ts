import { z } from "zod";
import { conversionEvent } from "#app/events/conversion-event.ts";
import { SKIP_REASONS } from "#app/events/event-state.ts";
import { conversionTag } from "#app/pinterest/answers.server.ts";
import { contentInput, eventInput } from "#app/tasks/input/event-input.server.ts";
import { taskInput } from "#app/tasks/input/task-input.server.ts";
import {
  type FailureDocument,
  type SendDocument,
  TASKS,
  type TagDocument,
  type TagsDocument,
  type TaskError,
} from "#app/tasks/task-document.server.ts";

/* The documents of task-document.server.ts as schemas. */

const TASK_CODES = [
  "missing_token",
  "invalid_input",
  "unauthorized",
  "forbidden",
  "rate_limited",
  "not_found",
  "pinterest_unavailable",
  "undetermined",
] as const;

const ROW_CODES = [...TASK_CODES, ...SKIP_REASONS, "rejected", "expired", "paused"] as const;

const task = z.enum(TASKS);
const count = z.int().min(0);

const fieldFault = z.object({
  path: z.string().meta({ description: "As in the input: `email`, `contents.0.id`" }),
  message: z.string(),
});

const errorFields = {
  message: z.string().meta({ description: "The cause" }),
  action: z.string().meta({ description: "What to do next" }),
  fields: z
    .array(fieldFault)
    .meta({ description: "Of `invalid_input`: each faulty key" })
    .exactOptional(),
  retry_after_seconds: z.number().meta({ description: "Of `rate_limited`" }).exactOptional(),
};

const taskErrorSchema = z.object({
  code: z.enum(TASK_CODES),
  ...errorFields,
}) satisfies z.ZodType<TaskError>;

const taskResult = z.object({
  index: count.meta({ description: "Place in the input" }),
  event_id: z.string().nullable(),
  event_name: z.string().nullable(),
  status: z.enum(["accepted", "failed", "skipped", "undetermined", "pending"]),
  warning: z.string().nullable().meta({ description: "Pinterest's own words" }),
  error: z.object({ code: z.enum(ROW_CODES), ...errorFields }).nullable(),
  event: conversionEvent
    .nullable()
    .meta({ description: "Exactly what was sent; left out beside `stored` and `events_omitted`" })
    .exactOptional(),
  stored: z
    .literal(true)
    .meta({ description: "The store has this event with other content, which is not shown" })
    .exactOptional(),
});

const summary = z.object({
  received: count,
  accepted: count,
  failed: count,
  skipped: count,
  undetermined: count.exactOptional(),
  pending: count.exactOptional(),
});

const demoExchange = z.object({
  method: z.enum(["GET", "POST"]),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown(),
  answer: z.object({ http_status: z.int(), body: z.unknown() }),
  note: z.string().meta({ description: "Why it would not be sent after all" }).exactOptional(),
});

const requests = z
  .array(demoExchange)
  .meta({ description: "Of demo mode: what would be sent, and Pinterest's answer" })
  .exactOptional();

export const sendDocumentSchema = z.object({
  task,
  demo: z.boolean(),
  test: z.boolean(),
  ok: z.boolean().meta({ description: "False as soon as one event failed or was skipped" }),
  ad_account_id: z.string(),
  summary,
  results: z.array(taskResult),
  events_omitted: z
    .literal(true)
    .meta({ description: "The rows have no `event`: with them the document would be over 8 MiB" })
    .exactOptional(),
  error: taskErrorSchema.exactOptional().meta({ description: "What stopped the task" }),
  requests,
}) satisfies z.ZodType<SendDocument>;

export const tagsDocumentSchema = z.object({
  task,
  demo: z.boolean(),
  ok: z.literal(true),
  ad_account_id: z.string(),
  tags: z.array(conversionTag),
  note: z.string().meta({ description: "What it means that there are none" }).exactOptional(),
  requests,
}) satisfies z.ZodType<TagsDocument>;

export const tagDocumentSchema = z.object({
  task,
  demo: z.boolean(),
  ok: z.literal(true),
  ad_account_id: z.string(),
  tag: conversionTag,
  requests,
}) satisfies z.ZodType<TagDocument>;

export const failureDocumentSchema = z.object({
  task: task.nullable(),
  ok: z.literal(false),
  error: taskErrorSchema,
}) satisfies z.ZodType<FailureDocument>;

/* And the API described by them. */

type JsonSchema = Record<string, unknown> & {
  properties?: Record<string, JsonSchema>;
  required?: string[];
};

/** The schemas' place in the description. */
export const SCHEMAS = "#/components/schemas/";

const INPUTS = { TaskInput: taskInput, EventInput: eventInput, ContentInput: contentInput };

const DOCUMENTS = {
  SendDocument: sendDocumentSchema,
  TagsDocument: tagsDocumentSchema,
  TagDocument: tagDocumentSchema,
  FailureDocument: failureDocumentSchema,
  TaskError: taskErrorSchema,
};

const ABSENT: JsonSchema = {
  description: "As if the key were not there",
  anyOf: [{ type: "null" }, { type: "string", pattern: "^\\s*$" }],
};

/** JSON Schemas (2020-12, as in OpenAPI 3.1) by name, made of those that inputs are read with. */
export function describeSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...INPUTS, ...DOCUMENTS })) {
    registry.add(schema, { id });
  }
  const { schemas } = z.toJSONSchema(registry, { io: "input", uri: (id) => SCHEMAS + id });
  const described = Object.entries(schemas).map(([id, schema]) => {
    // In a part of a description both would point to the whole.
    const { $id, $schema, ...bare } = schema as JsonSchema;
    return [id, Object.hasOwn(INPUTS, id) ? withAbsentKeys(bare) : bare];
  });
  return { ...Object.fromEntries(described), Absent: ABSENT };
}

/** Optional values may be null or blank, because forms send every key that they have. */
function withAbsentKeys(schema: JsonSchema): JsonSchema {
  const properties = Object.entries(schema.properties ?? {}).map(([key, property]) => [
    key,
    schema.required?.includes(key) ? property : orAbsent(property),
  ]);
  return { ...schema, properties: Object.fromEntries(properties) };
}

function orAbsent({ description, default: value, ...schema }: JsonSchema): JsonSchema {
  return {
    ...(description !== undefined && { description }),
    ...(value !== undefined && { default: value }),
    anyOf: [schema, { $ref: `${SCHEMAS}Absent` }],
  };
}

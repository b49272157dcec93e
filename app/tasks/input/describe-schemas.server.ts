import { z } from "zod";
import {
  failureDocumentSchema,
  sendDocumentSchema,
  tagDocumentSchema,
  tagsDocumentSchema,
  taskErrorSchema,
} from "#app/tasks/document-schema.server.ts";
import { contentInput, eventInput } from "./event-input.server.ts";
import { taskInput } from "./task-input.server.ts";

type JsonSchema = Record<string, unknown> & {
  properties?: Record<string, JsonSchema>;
  required?: string[];
};

/** Where the schemas stand in the description. */
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
    // In a part of a description both would say where the whole is.
    const { $id, $schema, ...bare } = schema as JsonSchema;
    return [id, Object.hasOwn(INPUTS, id) ? withAbsentKeys(bare) : bare];
  });
  return { ...Object.fromEntries(described), Absent: ABSENT };
}

/** What is not required may be null or blank as well: forms send every key that they have. */
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

import { readFile } from "node:fs/promises";
import { get_dmmf } from "@prisma/prisma-schema-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";

interface Field {
  name: string;
  dbName?: string;
  kind: string;
  isList: boolean;
  isRequired: boolean;
  type: string;
  nativeType: [string, string[]] | null;
}
interface Model {
  name: string;
  dbName: string;
  fields: Field[];
}

/** Postgres' names of Prisma's types. */
const TYPES: Record<string, string> = {
  BigInt: "int8",
  Boolean: "bool",
  Bytes: "bytea",
  Date: "date",
  Float: "float8",
  Int: "int4",
  Json: "jsonb",
  Real: "float4",
  SmallInt: "int2",
  String: "text",
  Timestamptz: "timestamptz",
};

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

function describeField({ dbName, fields }: Model): string[] {
  return fields
    .filter(({ kind }) => kind === "scalar")
    .map((field) => {
      const type = TYPES[field.nativeType?.[0] ?? field.type];
      const isNullable = field.isRequired ? "not null" : "null";
      return `${dbName} ${field.dbName ?? field.name} ${field.isList ? "_" : ""}${type} ${isNullable}`;
    });
}

test("the typed client and the migrated tables have the same columns, types and nulls", async () => {
  const schema = await readFile("prisma/schema.prisma", "utf8");
  const dmmf = JSON.parse(
    get_dmmf(JSON.stringify({ prismaSchema: [["prisma/schema.prisma", schema]] })),
  ) as { datamodel: { models: Model[] } };
  const { rows } = await db.pool.query<{ line: string }>(
    `select c.relname || ' ' || a.attname || ' ' || t.typname ||
       case when a.attnotnull then ' not null' else ' null' end as line
     from pg_attribute a
     join pg_class c on c.oid = a.attrelid
     join pg_type t on t.oid = a.atttypid
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
       and not c.relispartition and c.relname <> '_prisma_migrations'
       and a.attnum > 0 and not a.attisdropped`,
  );
  expect(dmmf.datamodel.models.flatMap(describeField).sort()).toEqual(
    rows.map(({ line }) => line).sort(),
  );
});

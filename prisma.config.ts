import { fileURLToPath } from "node:url";
import { defineConfig } from "prisma/config";

// Nothing here needs Prisma's schema engine, and Prisma would fetch it from the network. It takes
// any file that is there for the engine, and this one is on every system.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(import.meta.url);

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "postgresql://localhost" },
});

import { defineConfig } from "vitest/config";

// Only to end a test that hangs: no test measures time by it, and the machine may be busy.
const patience = { testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: "architecture", include: ["test/architecture/**/*.test.ts"], ...patience },
      },
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], ...patience } },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          globalSetup: ["test/support/postgres-server.ts"],
          // Half of the time a file waits for Postgres or for a process that it has started.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          ...patience,
        },
      },
      {
        // Whole processes of the app, killed for real. One file at a time: they load the machine.
        test: {
          name: "processes",
          include: ["test/processes/**/*.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});

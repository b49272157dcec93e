import { defineConfig } from "vitest/config";

// Only to end a test that hangs: no test measures time by it, and the machine may be busy.
const patience = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 60_000 } },
};

// A young generation of 32 MiB: what a test makes is dead when it ends, and to collect it every few
// megabytes is a tenth of the unit tests' processor time.
const execArgv = ["--max-semi-space-size=32"];

// `isolate: false`: the files that one worker runs share its loaded modules, as requests share a
// process. To load them anew for each file is half of the unit tests' time; what a module keeps must
// not matter to a test.
export default defineConfig({
  test: {
    projects: [
      {
        test: { name: "architecture", include: ["test/architecture/**/*.test.ts"], ...patience },
      },
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          isolate: false,
          execArgv,
          ...patience,
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          globalSetup: ["test/support/postgres-server.ts"],
          // Half of the time a file waits for Postgres or for a process that it has started.
          maxWorkers: 2,
          isolate: false,
          execArgv,
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

import { setTimeout as wait } from "node:timers/promises";
import { LEASE_MS } from "#app/outbox/drain/claim-accounts.server.ts";
import type { Cell } from "#test/faults/cell.ts";

export const stopCells: Cell[] = [
  {
    name: "SIGTERM to every process, one after the other",
    kind: "stopped",
    async fault({ installation }) {
      for (const app of installation.apps) {
        await app.end("SIGTERM");
        await app.untilReady();
      }
    },
    also: ({ accepted }) =>
      accepted.some(({ count }) => count > 1) ? ["a stop made an event go twice"] : [],
  },
  {
    name: "SIGTERM, and kill -9 while it drains",
    kind: "stopped",
    async fault({ installation, random }) {
      const { webs, workers } = installation;
      for (const app of [webs[1], workers[1]]) {
        const ended = app?.end("SIGTERM");
        await wait(random.integer(20, 700));
        await app?.end("SIGKILL");
        await ended;
      }
    },
  },
  {
    name: "a process that is killed again while it starts",
    kind: "stopped",
    async fault({ installation, random }) {
      for (const app of [installation.webs[0], installation.workers[0]]) {
        await app?.end("SIGKILL");
        await wait(random.integer(50, 1_500));
        await app?.end("SIGKILL");
      }
    },
  },
  {
    name: "a worker stands still for longer than its lease, and goes on",
    kind: "stopped",
    async fault(scene) {
      const { workers, deaths } = scene.installation;
      await scene.untilBatchIsUnderWay();
      const [worker] = workers;
      if (worker === undefined) return;
      const { pid } = worker.app();
      process.kill(pid, "SIGSTOP");
      // What it had in hand another one sends again.
      deaths.push({ name: worker.name, at: Date.now(), point: "SIGSTOP" });
      await wait(LEASE_MS + 5_000);
      process.kill(pid, "SIGCONT");
      await scene.client.untilMore(30);
    },
  },
];

import type { FaultPoint } from "#app/platform/fault-point.server.ts";
import type { Cell } from "#test/faults/cell.ts";
import type { Scene } from "#test/faults/scene.ts";
import { eventually } from "#test/support/poll.ts";

type Point = FaultPoint | "request sent";

const WEB: Point[] = [
  "webhook headers read",
  "webhook body read",
  "webhook signature fits",
  "webhook insert sent",
  "webhook committed",
  "webhook answered",
];

const WORKER: Point[] = [
  "claim begins",
  "accounts claimed",
  "batch ready",
  "request sent",
  "answer read",
  "batch half settled",
];

async function dieAt({ installation }: Scene, point: Point): Promise<void> {
  const before = installation.deaths.length;
  await installation.arm(point);
  await eventually(() => installation.deaths.slice(before).some((death) => death.point === point), {
    deadlineMs: 60_000,
  });
}

export const killCells: Cell[] = [
  ...WEB.map(
    (point): Cell => ({
      name: `kill -9 of a web process: ${point}`,
      kind: "web killed",
      isQuick: true,
      fault: (scene) => dieAt(scene, point),
    }),
  ),
  ...WORKER.map(
    (point): Cell => ({
      name: `kill -9 of a worker: ${point}`,
      kind: "worker killed",
      isQuick: true,
      fault: (scene) => dieAt(scene, point),
    }),
  ),
  {
    name: "kill -9 of a worker: request settled, more to send",
    kind: "worker killed",
    isQuick: true,
    async fault(scene) {
      const { pinterest } = scene.installation;
      // A batch that is refused for one of its events is sent in halves, under the same lease.
      for (const { adAccountId } of scene.shops) {
        pinterest.fail({ kind: "status", status: 422, details: "none", adAccountId, times: 2 });
      }
      await dieAt(scene, "request settled");
    },
  },
  {
    name: "kill -9 of every process at once",
    kind: "worker killed",
    isQuick: true,
    async fault(scene) {
      await scene.untilBatchIsUnderWay();
      await Promise.all(scene.installation.apps.map((app) => app.end("SIGKILL")));
    },
  },
];

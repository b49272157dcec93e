// `npm run bench`: how much the app takes, delivers and needs on this machine, against simpler
// servers on the same machine in the same minutes. `-- --quick` takes less than a minute,
// `-- --only pixel,acks` runs those parts alone. The last line is the whole result as JSON.
import { describeMachine } from "./describe-machine.ts";
import { openInstallation } from "./installation.ts";
import { measureAcks } from "./measures/measure-acks.ts";
import { measureBusyAcks } from "./measures/measure-busy-acks.ts";
import { measureDelivery } from "./measures/measure-delivery.ts";
import { measureEventList } from "./measures/measure-event-list.ts";
import { measureLatency } from "./measures/measure-latency.ts";
import { measureMapping } from "./measures/measure-mapping.ts";
import { measureMemory } from "./measures/measure-memory.ts";
import { measurePixel } from "./measures/measure-pixel.ts";
import { measureTasks } from "./measures/measure-tasks.ts";
import { createOrderSource } from "./order-source.ts";
import {
  printAcks,
  printBusyAcks,
  printDelivery,
  printEventList,
  printLatency,
  printMachine,
  printMapping,
  printMemory,
  printPixel,
  printTasks,
} from "./print.ts";
import { FULL, QUICK } from "./sizes.ts";

const isQuick = process.argv.includes("--quick");
const sizes = isQuick ? QUICK : FULL;
const startedAt = performance.now();

/** The parts of a run, in order: each measures and prints. */
const parts = {
  mapping: async () => show(measureMapping(orders, sizes.mapping), printMapping),
  acks: async () => show(await measureAcks(installation, orders, sizes.acks), printAcks),
  busyAcks: async () =>
    show(await measureBusyAcks(installation, orders, sizes.busyAcks), printBusyAcks),
  delivery: async () =>
    show(await measureDelivery(installation, orders, sizes.delivery), printDelivery),
  latency: async () =>
    show(await measureLatency(installation, orders, sizes.latency), printLatency),
  pixel: async () => show(await measurePixel(installation, orders, sizes.pixel), printPixel),
  memory: async () => show(await measureMemory(installation, orders, sizes.memory), printMemory),
  tasks: async () => show(await measureTasks(sizes.tasks), printTasks),
  eventList: async () =>
    show(await measureEventList(installation, sizes.eventList), printEventList),
};
type Part = keyof typeof parts;
const names = Object.keys(parts) as Part[];
const wanted = readWanted();

const installation = await openInstallation();
const close = () => installation.close();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void close().finally(() => process.exit(1)));
}
const orders = createOrderSource(installation.config.SHOPIFY_API_SECRETS[0]);
try {
  const machine = await describeMachine(installation);
  printMachine(machine, isQuick);
  const results: Partial<Record<Part, unknown>> = {};
  for (const name of wanted) results[name] = await parts[name]();
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  console.log(`\n${JSON.stringify({ quick: isQuick, seconds, machine, ...results })}`);
} finally {
  await close();
}

function show<Result>(result: Result, print: (result: Result) => void): Result {
  print(result);
  return result;
}

/** All parts, or those that `--only pixel,acks` names. */
function readWanted(): Part[] {
  const at = process.argv.indexOf("--only");
  if (at === -1) return names;
  const only = (process.argv[at + 1] ?? "").split(",");
  const unknown = only.filter((name) => !names.includes(name as Part));
  if (unknown.length === 0) return names.filter((name) => only.includes(name));
  console.error(`--only takes ${names.join(", ")}; not ${unknown.join(", ")}`);
  process.exit(2);
}

// `npm run bench`: how much the app takes, delivers and needs on this machine, against simpler
// servers on the same machine in the same minutes. `-- --quick` takes less than a minute. The last
// line is the whole result as JSON.
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
const installation = await openInstallation();
const close = () => installation.close();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void close().finally(() => process.exit(1)));
}
try {
  const orders = createOrderSource(installation.config.SHOPIFY_API_SECRETS[0]);
  const machine = await describeMachine(installation);
  printMachine(machine, isQuick);
  const mapping = measureMapping(orders, sizes.mapping);
  printMapping(mapping);
  const acks = await measureAcks(installation, orders, sizes.acks);
  printAcks(acks);
  const busyAcks = await measureBusyAcks(installation, orders, sizes.busyAcks);
  printBusyAcks(busyAcks);
  const delivery = await measureDelivery(installation, orders, sizes.delivery);
  printDelivery(delivery);
  const latency = await measureLatency(installation, orders, sizes.latency);
  printLatency(latency);
  const pixel = await measurePixel(installation, orders, sizes.pixel);
  printPixel(pixel);
  const memory = await measureMemory(installation, orders, sizes.memory);
  printMemory(memory);
  const tasks = await measureTasks(sizes.tasks);
  printTasks(tasks);
  const eventList = await measureEventList(installation, sizes.eventList);
  printEventList(eventList);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const result = {
    quick: isQuick,
    seconds,
    machine,
    mapping,
    acks,
    busyAcks,
    delivery,
    latency,
    pixel,
    memory,
    tasks,
    eventList,
  };
  console.log(`\n${JSON.stringify(result)}`);
} finally {
  await close();
}

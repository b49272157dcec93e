import type { Machine } from "./describe-machine.ts";
import type { Acks } from "./measures/measure-acks.ts";
import type { BusyAcks } from "./measures/measure-busy-acks.ts";
import type { Delivery, DeliveryRate } from "./measures/measure-delivery.ts";
import type { EventList } from "./measures/measure-event-list.ts";
import type { Latency } from "./measures/measure-latency.ts";
import type { Mapping } from "./measures/measure-mapping.ts";
import type { Memory } from "./measures/measure-memory.ts";
import type { Pixel } from "./measures/measure-pixel.ts";
import type { Tasks } from "./measures/measure-tasks.ts";
import type { AckRate } from "./measures/run-contenders.ts";

const NAME_WIDTH = 34;
const COLUMN_WIDTH = 12;

export function printMachine(machine: Machine, isQuick: boolean): void {
  console.log(
    `${isQuick ? "Quick run" : "Full run"} on ${machine.cores} cores (${machine.cpu}), ` +
      `${machine.memory_gb} GB, Node ${machine.node_version}, Postgres ${machine.postgres_version}, ` +
      `load average ${machine.load_average_at_start.toFixed(2)}. ` +
      "The load client, the server and Postgres share the cores.",
  );
}

export function printMapping({ orders, whole, cut }: Mapping): void {
  printHead(`From bytes to a checked event (${orders} orders, one core)`, ["us", "per second"]);
  printRow("whole", [whole.us_per_order, whole.per_second]);
  printRow("cut by include_fields", [cut.us_per_order, cut.per_second]);
  console.log("  Target: 16000 a second.");
}

const ACK_HEAD = ["per second", "p50 ms", "p99 ms", "server cpu", "pg cpu"];

export function printAcks(acks: Acks): void {
  const { connections, few_connections: few } = acks;
  printHead(
    `Webhooks acknowledged (${acks.body_bytes} bytes, ${connections} connections)`,
    ACK_HEAD,
  );
  printRow("Pinrelay, one process", ackCells(acks.app));
  printRow("Pinrelay, two web processes", ackCells(acks.app_twice));
  printRow("plain server, 20 connections to pg", ackCells(acks.plain));
  printRow("answers 200, stores nothing", ackCells(acks.answer_only));
  printRow("a transaction per webhook", ackCells(acks.commit_each));
  printHead(`The same over ${few} connections`, ACK_HEAD);
  printRow("Pinrelay, one process", ackCells(acks.app_few));
  printRow("plain server", ackCells(acks.plain_few));
  printHead(
    `Cut by include_fields (${acks.cut_body_bytes} bytes, ${connections} connections)`,
    ACK_HEAD,
  );
  printRow("Pinrelay, one process", ackCells(acks.app_cut));
  printRow("plain server", ackCells(acks.plain_cut));
  console.log(
    `  Pinrelay is ${acks.ratio_to_plain} × the plain server, ${acks.ratio_to_plain_few} × over ${few} connections, ` +
      `${acks.ratio_to_plain_cut} × where both get cut bodies, ${acks.ratio_cut_to_plain} × with cut bodies against whole ` +
      "(targets: 1.9, 1.6, none, 2.5).",
  );
  console.log(
    `  It is ${acks.ratio_to_answer_only} of the server that only answers, ` +
      `${acks.ratio_to_commit_each} × its own work in a transaction per webhook.`,
  );
}

export function printBusyAcks(acks: BusyAcks): void {
  printHead(`Webhooks acknowledged while delivering (${acks.connections} connections)`, ACK_HEAD);
  printRow("Pinrelay, role all", ackCells(acks.app));
  printRow("plain server, delivers nothing", ackCells(acks.plain));
  console.log(`  Pinrelay is ${acks.ratio_to_plain} × the plain server (target: 1.25).`);
}

function ackCells(rate: AckRate): unknown[] {
  return [rate.per_second, rate.p50_ms, rate.p99_ms, rate.server_cpu_ms, rate.postgres_cpu_ms];
}

export function printDelivery(delivery: Delivery): void {
  printHead(
    `Events delivered (90 % of them in one of 20 shops, Pinterest answers in ${delivery.pinterest_latency_ms} ms)`,
    ["per second", "a request", "events", "worker cpu", "pg cpu"],
  );
  printRow("Pinrelay", deliveryCells(delivery.app));
  const { send_each: sendEach } = delivery;
  printRow(`one a request, ${sendEach.in_flight} at once`, deliveryCells(sendEach));
  console.log(`  Pinrelay is ${delivery.ratio_to_send_each} × one event a request.`);
}

function deliveryCells(rate: DeliveryRate): unknown[] {
  const { per_second, events_per_request, events, worker_cpu_ms, postgres_cpu_ms } = rate;
  return [per_second, events_per_request, events, worker_cpu_ms, postgres_cpu_ms];
}

export function printLatency(latency: Latency): void {
  printHead(
    `From order to accepted (${latency.per_second} per second, of it ${latency.pinterest_latency_ms} ms at Pinterest)`,
    ["orders", "p50 ms", "p99 ms", "max ms"],
  );
  const { orders, p50_ms, p99_ms, max_ms } = latency;
  printRow("Pinrelay", [orders, p50_ms, p99_ms, max_ms]);
  console.log(
    `  The webhook itself was answered in ${latency.ack_p50_ms} ms (p50), ${latency.ack_p99_ms} ms (p99). Target: p99 of 2000 ms until accepted.`,
  );
}

export function printPixel(pixel: Pixel): void {
  const { app, plain, steady, webhooks, plain_webhooks: plainWebhooks } = pixel;
  printHead(
    `Events of browsers stored (${pixel.body_bytes} bytes, ${pixel.connections} connections)`,
    ACK_HEAD,
  );
  printRow("Pinrelay, one process", ackCells(app));
  printRow("plain server, 20 connections to pg", ackCells(plain));
  console.log(`  Pinrelay is ${pixel.ratio_to_plain} × the plain server (target: 5000 a second).`);
  printHead(`At ${steady.per_second} events a second`, ["p50 ms", "p99 ms"]);
  printRow("Pinrelay", [steady.p50_ms, steady.p99_ms]);
  console.log("  Target: p99 of 50 ms.");
  printHead(`Webhooks, ${webhooks.per_second} a second`, ["p50 ms", "p99 ms", "events/s"]);
  const rows = {
    alone: webhooks.alone,
    "with pixel": webhooks.with_pixel,
    "plain servers, alone": plainWebhooks.alone,
    "plain servers, with pixel": plainWebhooks.with_pixel,
    "with one forger": webhooks.with_one_forger,
    "with forgers": webhooks.with_forgers,
  };
  for (const [name, { p50_ms, p99_ms, pixel_per_second }] of Object.entries(rows)) {
    printRow(name, [p50_ms, p99_ms, pixel_per_second]);
  }
  console.log(
    `  The pixel moves the p99 by ${webhooks.moved_percent} % (target: at most 20), ` +
      `that of plain servers by ${plainWebhooks.moved_percent} %.`,
  );
}

export function printMemory(memory: Memory): void {
  printHead("Memory of the app, Postgres apart", ["MB"]);
  for (const { events, rss_mb } of memory.after_events)
    printRow(`after ${events} events`, [rss_mb]);
  console.log("  Targets: below 300 MB after 100000 events, and no more after 200000.");
}

export function printTasks({ batch, demo }: Tasks): void {
  printHead("Events by hand, by the command line", ["events", "requests", "seconds", "peak MB"]);
  const { events, requests, seconds, peak_mb } = batch;
  printRow("send_batch_events", [events, requests, seconds, peak_mb]);
  console.log(`  ${batch.accepted} accepted. Targets for 10000: 10 requests, 5 s, below 250 MB.`);
  console.log(
    `  send_event in demo mode, start to exit: ${demo.send_event_ms} ms; node -e 0: ${demo.node_ms} ms. Target: ${demo.limit_ms} ms.`,
  );
}

export function printEventList({ events, pages }: EventList): void {
  printHead(`A page of the list of events, of a shop with ${events}`, ["ms"]);
  for (const { name, ms } of pages) printRow(name, [ms]);
  console.log("  Target for 10000000: first and last page within 50 ms of the database's time.");
}

function printHead(title: string, columns: readonly string[]): void {
  const cells = columns.map((column) => column.padStart(COLUMN_WIDTH));
  console.log(`\n${title}\n${"".padEnd(NAME_WIDTH)}${cells.join("")}`);
}

function printRow(name: string, cells: readonly unknown[]): void {
  const padded = cells.map((cell) => String(cell).padStart(COLUMN_WIDTH));
  console.log(`  ${name.padEnd(NAME_WIDTH - 2)}${padded.join("")}`);
}

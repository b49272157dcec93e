import { onTestFinished } from "vitest";
import type { GivenEvent } from "#app/events/given-event.ts";
import { mapGivenEvent } from "#app/mapping/map-given-event.server.ts";
import { createPinterestClient } from "#app/pinterest/client.server.ts";
import { runTask } from "#app/tasks/run-task.server.ts";
import type { SendDocument, TaskDocument, TaskResult } from "#app/tasks/task-document.server.ts";
import type { TaskRequest, TaskRow } from "#app/tasks/task-request.server.ts";
import { type LocalPinterestOptions, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";

export const AD_ACCOUNT = "549755885175";
export const TOKEN = "pina_CANARYOFTHEMERCHANT0123456789";

interface Options extends LocalPinterestOptions {
  /** Replaces the local one's value. */
  apiUrl?: string;
  deadlineMs?: number;
  attemptTimeoutMs?: number;
}

/** A strict Pinterest, and tasks that talk to it. A wait takes no time, and the tasks' clock moves. */
export async function openTasks(options: Options = {}) {
  const local = await startLocalPinterest(options);
  const apiUrl = options.apiUrl ?? local.url;
  const client = createPinterestClient({ apiUrl, timeoutMs: options.attemptTimeoutMs });
  onTestFinished(async () => {
    await client.close();
    await local.close();
  });
  const waits: number[] = [];
  const progress: [number, number][] = [];
  let waitedMs = 0;
  const run = (request: Partial<TaskRequest>): Promise<TaskDocument> =>
    runTask(
      {
        pinterest: async () => client,
        apiUrl,
        shop: null,
        nowMs: () => Date.now() + waitedMs,
        random: () => 0.5,
        wait: async (ms) => {
          waits.push(ms);
          waitedMs += ms;
        },
        deadlineMs: options.deadlineMs ?? 120_000,
        onProgress: (settled, total) => void progress.push([settled, total]),
      },
      taskRequest(request),
    );
  const send = async (rows: TaskRow[], request: Partial<TaskRequest> = {}) =>
    (await run({ task: "send_batch_events", rows, ...request })) as SendDocument;
  return { local, run, send, waits, progress };
}

export function taskRequest(request: Partial<TaskRequest> = {}): TaskRequest {
  return {
    task: "send_event",
    accessToken: TOKEN,
    adAccountId: AD_ACCOUNT,
    isDemo: false,
    isTest: false,
    webhookUrl: null,
    waitSeconds: 10,
    conversionTagId: null,
    rows: [],
    ...request,
  };
}

/** Builds this many events, each of another person. */
export function eventRows(count: number, given: Partial<GivenEvent> = {}): TaskRow[] {
  return Array.from({ length: count }, (_, index) => eventRow(index, given));
}

export function eventRow(index: number, given: Partial<GivenEvent> = {}): TaskRow {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const row = mapGivenEvent(givenEvent(index, given), `task-${index}`, nowSeconds);
  return { index, kind: "event", ...row, bytes: Buffer.byteLength(JSON.stringify(row.event)) };
}

function givenEvent(index: number, given: Partial<GivenEvent>): GivenEvent {
  return {
    name: "checkout",
    actionSource: "web",
    occurredAtSeconds: null,
    sourceUrl: "https://demo.example/thanks",
    value: "72.39",
    currency: "USD",
    orderId: String(1_000 + index),
    itemCount: 1,
    contents: [{ id: "40794001", quantity: 1 }],
    clientIpAddress: null,
    clientUserAgent: null,
    clickId: null,
    optOut: null,
    optOutType: null,
    ...given,
    person: { ...NOBODY, emails: [`jane.${index}@example.com`], ...given.person },
  };
}

export const NOBODY: GivenEvent["person"] = {
  isHashed: false,
  emails: [],
  phones: [],
  externalIds: [],
  firstNames: [],
  lastNames: [],
  genders: [],
  datesOfBirth: [],
  cities: [],
  states: [],
  zips: [],
  countries: [],
};

export function statuses({ results }: { results: TaskResult[] }): string[] {
  return results.map(({ status }) => status);
}

import type { Cell } from "#test/faults/cell.ts";
import type { Installation } from "#test/faults/installation.ts";
import type { Observation } from "#test/faults/observation.ts";
import type { Scene } from "#test/faults/scene.ts";
import { reconnect } from "#test/faults/scene-shops.ts";
import type { Fault } from "#test/sandbox/pinterest/faults.ts";
import { eventually } from "#test/support/poll.ts";

/** Every other account of a cell meets the fault: Pinterest as a whole is well. */
const TROUBLED = 2;
const MET_DEADLINE_MS = 60_000;

type Behaviour = Fault extends infer Kind
  ? Kind extends Fault
    ? Omit<Kind, "adAccountId">
    : never
  : never;

/** What Pinterest does to a request or two of some ad accounts, and that nothing comes of it. */
const ANSWERS: Record<string, Behaviour> = {
  "429 with Retry-After": { kind: "status", status: 429, retryAfter: 3 },
  "429 with Retry-After as a date": { kind: "status", status: 429, retryAfter: "in 4 s" },
  "429 without Retry-After": { kind: "status", status: 429 },
  "500 before it took the events": { kind: "status", status: 500 },
  "500 after it took the events": { kind: "status", status: 500, recorded: true },
  "502 with a page of HTML": { kind: "status", status: 502 },
  "503 after it took the events": { kind: "status", status: 503, recorded: true },
  "400 for a whole batch": { kind: "status", status: 400 },
  "401 once": { kind: "status", status: 401 },
  "403 once": { kind: "status", status: 403 },
  "404 once": { kind: "status", status: 404 },
  "422 without details": { kind: "status", status: 422, details: "none" },
  "no answer, events taken": { kind: "hang", recorded: true },
  "no answer, events not taken": { kind: "hang", recorded: false },
  "a connection reset, events taken": { kind: "reset", recorded: true },
  "a connection reset, events not taken": { kind: "reset", recorded: false },
  "an answer of one byte a second": { kind: "drip", everyMs: 1_000 },
  "an answer that is cut off": { kind: "cut" },
  "an answer that is no JSON": { kind: "malformed" },
  "half an answer": { kind: "truncated" },
  "an answer of 10 MiB": { kind: "huge" },
  "an answer for one event fewer": { kind: "wrong_length" },
  "outcomes in reverse order": { kind: "shuffled" },
  "answers after 4 s": { kind: "latency", ms: 4_000 },
};

const QUICK = [
  "429 with Retry-After",
  "502 with a page of HTML",
  "a connection reset, events taken",
];

export const pinterestCells: Cell[] = [
  ...Object.entries(ANSWERS).map(
    ([name, behaviour]): Cell => ({
      name: `Pinterest: ${name}`,
      kind: "Pinterest",
      ...(QUICK.includes(name) && { isQuick: true }),
      fault: (scene) => meet(scene, withDate(behaviour)),
    }),
  ),
  {
    name: "Pinterest: one event of a batch is refused, with 200",
    kind: "Pinterest",
    fault: (scene) => refuseOne(scene, "fail_event"),
    also: oneIsRejected,
  },
  {
    name: "Pinterest: one event makes it refuse the whole batch",
    kind: "Pinterest",
    fault: (scene) => refuseOne(scene, "refuse_batch"),
    also: oneIsRejected,
  },
  {
    name: "Pinterest: 422 that names one event",
    kind: "Pinterest",
    fault: (scene) => meet(scene, { kind: "status", status: 422, details: "events", times: 1 }),
    also: ({ stored }) =>
      stored.some(({ state }) => state === "rejected") ? [] : ["no event was rejected"],
  },
  {
    name: "Pinterest: a token is refused until the merchant connects again",
    kind: "Pinterest",
    async fault({ installation, shops }) {
      const { pinterest } = installation;
      const account = shops[0]?.adAccountId ?? "";
      pinterest.fail({ kind: "status", status: 401, adAccountId: account });
      await untilMet(installation, [account]);
    },
    async afterwards({ installation, shops }) {
      const { db, pinterest } = installation;
      const [shop] = shops;
      if (shop === undefined) return;
      const isPaused = async () => {
        // Two further refusals, minutes apart, would pause it.
        await db.pool.query(
          `update due_account set not_before = '-infinity', next_at = least(next_at, now())
            where ad_account_id = $1 and next_at <> 'infinity'`,
          [shop.adAccountId],
        );
        const { rows } = await db.pool.query("select state from connection where shop_id = $1", [
          String(shop.id),
        ]);
        return rows[0]?.state === "paused";
      };
      await eventually(isPaused, { deadlineMs: 600_000 });
      pinterest.heal(shop.adAccountId);
      await reconnect(installation, shop);
    },
  },
];

function withDate(behaviour: Behaviour): Behaviour {
  if (behaviour.kind !== "status" || behaviour.retryAfter !== "in 4 s") return behaviour;
  return { ...behaviour, retryAfter: new Date(Date.now() + 4_000).toUTCString() };
}

/** Lets the fault hit a request or two of each troubled account, and waits until it has. */
async function meet({ installation, shops, random }: Scene, behaviour: Behaviour): Promise<void> {
  const accounts = shops.slice(0, TROUBLED).map(({ adAccountId }) => adAccountId);
  const times = behaviour.times ?? random.integer(1, 3);
  for (const adAccountId of accounts) {
    installation.pinterest.fail({ ...behaviour, adAccountId, times } as Fault);
  }
  if (behaviour.kind !== "latency") await untilMet(installation, accounts);
}

async function untilMet({ pinterest }: Installation, accounts: string[]): Promise<void> {
  const { requests } = pinterest.ledger;
  const isMet = (account: string) =>
    requests.some(({ adAccountId, fault }) => adAccountId === account && fault !== null);
  await eventually(() => accounts.every(isMet), { deadlineMs: MET_DEADLINE_MS });
}

/** An event that the load has still to bring is refused. */
async function refuseOne(scene: Scene, as: "fail_event" | "refuse_batch"): Promise<void> {
  const { installation, expected, client } = scene;
  const before = new Set(expected.keys());
  await eventually(() => expected.size > before.size);
  const [order] = [...expected].filter(([id]) => !before.has(id)).map(([, order]) => order);
  if (order === undefined) return;
  order.ends = "kept";
  const { eventId, shop } = order;
  installation.pinterest.fail({ kind: "poison", eventId, as, adAccountId: shop.adAccountId });
  await client.untilMore(20);
}

function oneIsRejected({ stored }: Observation): string[] {
  const rejected = stored.filter(({ state }) => state === "rejected").length;
  return rejected === 1 ? [] : [`${rejected} events were rejected, not one`];
}

/** Where no Pinterest is, or none that can be believed. */
const PLACES: Record<string, (apiUrl: string) => string> = {
  "its name is not found": () => "https://pinterest.invalid/v5",
  "no TLS where it should be": (apiUrl) =>
    apiUrl.replace(/^http:\/\/127\.0\.0\.1/, "https://localhost"),
  "nobody listens": () => "http://127.0.0.1:9/v5",
};

export const pinterestPlaceCells: Cell[] = Object.entries(PLACES).map(([name, place]) => ({
  name: `Pinterest: ${name}`,
  kind: "Pinterest",
  async fault({ installation, client }) {
    const { workers, env } = installation;
    const apiUrl = env.PINTEREST_API_URL ?? "";
    const move = (url: string) =>
      Promise.all(workers.map((worker) => worker.restart({ PINTEREST_API_URL: url })));
    await move(place(apiUrl));
    const said = () => workers.some((worker) => /"verdict":"unknown"/.test(worker.app().output()));
    await client.untilMore(20);
    await eventually(said, { deadlineMs: MET_DEADLINE_MS });
    await move(apiUrl);
  },
}));

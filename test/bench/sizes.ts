/** How much each part of a run does. */
export interface Sizes {
  /** Turns of 1,000 orders. */
  mapping: { turns: number };
  acks: { rounds: number; warmUp: number; webhooks: number; webhooksOneByOne: number };
  busyAcks: { rounds: number; webhooks: number };
  delivery: { backlog: number; backlogOneByOne: number };
  latency: { seconds: number };
  pixel: { rounds: number; events: number; seconds: number };
  /** Events after which memory is looked at. */
  memory: { steps: number[] };
  tasks: { batch: number; demoRuns: number };
  /** In one shop. */
  eventList: { events: number };
}

export const FULL: Sizes = {
  mapping: { turns: 100 },
  acks: { rounds: 5, warmUp: 32_000, webhooks: 16_000, webhooksOneByOne: 2_000 },
  busyAcks: { rounds: 5, webhooks: 12_000 },
  delivery: { backlog: 60_000, backlogOneByOne: 2_000 },
  latency: { seconds: 30 },
  pixel: { rounds: 5, events: 20_000, seconds: 10 },
  memory: { steps: [100_000, 200_000] },
  tasks: { batch: 10_000, demoRuns: 15 },
  eventList: { events: 10_000_000 },
};

/** In less than a minute where nothing else runs. Its figures are rougher: little time to warm up, few rounds. */
export const QUICK: Sizes = {
  mapping: { turns: 10 },
  acks: { rounds: 1, warmUp: 3_000, webhooks: 4_000, webhooksOneByOne: 100 },
  busyAcks: { rounds: 1, webhooks: 3_000 },
  delivery: { backlog: 3_000, backlogOneByOne: 100 },
  latency: { seconds: 3 },
  pixel: { rounds: 1, events: 4_000, seconds: 2 },
  memory: { steps: [1_000, 2_000] },
  tasks: { batch: 10_000, demoRuns: 3 },
  eventList: { events: 10_000 },
};

/** Shops of the run, each with an ad account of its own. */
export const SHOPS = 20;
/** Connections that the load client keeps open, as Shopify's senders would. */
export const CONNECTIONS = 512;
/** So few that what decides is how soon each gets its answer. */
export const FEW_CONNECTIONS = 48;
/** How long Pinterest takes for an answer. */
export const PINTEREST_LATENCY_MS = 200;
/** Requests to Pinterest under way at once where each event is a request of its own. */
export const IN_FLIGHT_ONE_BY_ONE = 64;

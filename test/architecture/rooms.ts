/** The folders of app/, and which of the others each may import. A folder that is not here fails. */
export const rooms = {
  events: [],
  platform: [],
  audit: ["events", "platform"],
  mapping: ["events"],
  pinterest: ["events", "platform"],
  shopify: ["events", "platform", "mapping"],
  outbox: ["events", "platform", "audit"],
  shops: ["events", "platform", "audit", "pinterest", "shopify", "outbox"],
  intake: ["events", "platform", "mapping", "outbox", "shops"],
  delivery: ["events", "platform", "outbox", "pinterest", "shops"],
  reconciliation: ["events", "platform", "audit", "mapping", "outbox", "shopify", "shops"],
  tasks: ["events", "platform", "audit", "mapping", "outbox", "delivery", "pinterest", "shops"],
  runs: ["events", "platform", "audit", "outbox", "shops", "tasks"],
  privacy: ["events", "platform", "audit", "mapping", "outbox", "shops"],
  billing: ["events", "platform", "shopify", "shops"],
  flow: ["events", "platform", "mapping", "shopify", "outbox", "shops", "tasks"],
  admin: [
    "events",
    "platform",
    "audit",
    "mapping",
    "pinterest",
    "shopify",
    "outbox",
    "shops",
    "reconciliation",
    "tasks",
    "runs",
    "billing",
    "privacy",
  ],
  web: ["events", "platform", "shopify", "shops", "admin"],
  routes: ["events", "shops", "tasks", "flow", "admin"],
  commands: [
    "events",
    "platform",
    "outbox",
    "pinterest",
    "shopify",
    "shops",
    "reconciliation",
    "tasks",
  ],
} as const satisfies Record<string, readonly string[]>;

export type Room = keyof typeof rooms;

/** The rooms whose every file ends in `.server.ts`: Remix keeps those out of the browser. */
export const serverRooms: readonly Room[] = [
  "platform",
  "audit",
  "mapping",
  "pinterest",
  "shopify",
  "outbox",
  "shops",
  "intake",
  "delivery",
  "reconciliation",
  "tasks",
  "runs",
  "billing",
  "privacy",
  "flow",
  "web",
  "commands",
];

/** The rooms that may talk to the database. */
export const dataRooms: readonly Room[] = [
  "platform",
  "audit",
  "outbox",
  "shops",
  "intake",
  "reconciliation",
  "tasks",
  "runs",
  "privacy",
  "admin",
  "commands",
];

/** The only files directly under app/. */
export const rootFiles = [
  "server.ts",
  "services.server.ts",
  "open-admin.server.ts",
  "cli.ts",
  "pinrelay.mjs",
  "require-node.mjs",
  "read-env-file.mjs",
  "root.tsx",
  "entry.server.tsx",
  "entry.client.tsx",
  "routes.ts",
] as const;

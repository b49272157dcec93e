/** The folders of app/, and which of the others each may import. A folder that is not here fails. */
export const rooms = {
  events: [],
  texts: ["events"],
  platform: [],
  mapping: ["events"],
  pinterest: ["events", "platform"],
  outbox: ["events", "platform"],
  shops: ["events", "platform", "pinterest"],
  intake: ["events", "platform", "mapping", "outbox", "shops"],
  delivery: ["events", "platform", "outbox", "pinterest", "shops"],
  admin: ["events", "texts", "platform"],
  tasks: ["events", "texts", "platform", "mapping", "outbox", "delivery", "pinterest", "shops"],
  components: ["events", "texts"],
  routes: ["events", "texts", "outbox", "shops", "intake", "admin", "components", "tasks"],
  commands: ["events", "platform", "outbox", "pinterest", "shops", "admin", "tasks"],
} as const satisfies Record<string, readonly string[]>;

export type Room = keyof typeof rooms;

/** The rooms whose every file ends in `.server.ts`: Remix keeps those out of the browser. */
export const serverRooms: readonly Room[] = [
  "platform",
  "mapping",
  "pinterest",
  "outbox",
  "shops",
  "intake",
  "delivery",
  "admin",
  "tasks",
  "commands",
];

/** The rooms that may talk to the database. */
export const dataRooms: readonly Room[] = [
  "platform",
  "outbox",
  "shops",
  "intake",
  "admin",
  "tasks",
  "commands",
];

/** The only files directly under app/. */
export const rootFiles = [
  "server.ts",
  "services.server.ts",
  "cli.ts",
  "pinrelay.mjs",
  "require-node.mjs",
  "shopify.server.ts",
  "shopify-api-version.ts",
  "remix.server.ts",
  "merchant.server.ts",
  "name-failures.server.ts",
  "protect-response.server.ts",
  "root.tsx",
  "entry.server.tsx",
  "entry.client.tsx",
  "routes.ts",
] as const;

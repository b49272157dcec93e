const { dataRooms, rooms } = require("./rooms.ts");

const anyOf = (names) => `(${names.join("|")})`;

/** A room may import itself and the rooms it is allowed; nothing else in app/, root files included. */
const only = ([room, allowed]) => ({
  name: `${room}-imports`,
  severity: "error",
  comment: `app/${room} may import only: ${[room, ...allowed].join(", ")}`,
  from: { path: `^app/${room}/` },
  to: { path: "^app/", pathNot: `^app/${anyOf([room, ...allowed])}/` },
});

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(only),
    {
      name: "cli-imports",
      severity: "error",
      comment: "the command line may import app/commands and what that may import",
      from: { path: "^app/cli[.]ts$" },
      to: { path: "^app/", pathNot: `^app/${anyOf(["commands", ...rooms.commands])}/` },
    },
    {
      name: "routes-may-only-replay",
      severity: "error",
      comment:
        "what a merchant can ask of the outbox is a replay; connecting wakes what has waited for it",
      from: { path: "^app/routes/" },
      to: {
        path: "^app/outbox/",
        pathNot: "^app/outbox/(replay-events|adopt-waiting-events)[.]server[.]ts$",
      },
    },
    {
      name: "database-stays-in-data-rooms",
      severity: "error",
      comment: "elsewhere the database is a type that is handed on, never a module that is called",
      from: {
        path: "^app/",
        pathNot: `^app/(${anyOf(dataRooms)}/|(services[.]server|cli)[.]ts$)`,
      },
      to: { path: "^app/platform/db[.]", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "nothing-imports-routes",
      severity: "error",
      comment: "Remix finds routes by their file names",
      from: { pathNot: "^(app/routes/|test/)" },
      to: { path: "^app/routes/" },
    },
    {
      name: "mapping-is-pure",
      severity: "error",
      comment: "same input, same output: no module that reads, writes, waits or asks the clock",
      from: { path: "^app/(mapping|events)/" },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|module)$" },
    },
    {
      name: "mapping-takes-pure-packages",
      severity: "error",
      comment: "a package here must be pure as well: check it, then name it",
      from: { path: "^app/(mapping|events)/" },
      to: {
        dependencyTypes: ["npm"],
        pathNot: "^node_modules/(zod|libphonenumber-js|ipaddr[.]js)/",
      },
    },
    {
      name: "only-pinterest-and-callbacks-call-out",
      severity: "error",
      comment: "time limits, size limits, redirects and addresses are handled in one place each",
      from: { path: "^app/", pathNot: "^app/(pinterest|tasks/callback)/" },
      to: { path: "^node_modules/undici/" },
    },
    {
      name: "web-libraries-stay-at-the-edge",
      severity: "error",
      comment:
        "a worker never loads React, Remix or Shopify's library: they cost start-up and memory",
      from: {
        path: "^app/",
        pathNot:
          "^app/((routes|components)/|(root|entry[.](server|client))[.]tsx$|(routes|(shopify|remix|merchant|name-failures)[.]server|shops/session-storage[.]server)[.]ts$)",
      },
      to: {
        path: "^node_modules/(react|react-dom|@remix-run|@shopify)/",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "web-edge-is-loaded-late",
      severity: "error",
      comment: "by import() once the role is known, so that a worker never loads it",
      from: { path: "^app/", pathNot: "^app/(shopify|remix)[.]server[.]ts$" },
      to: {
        path: "^app/((shopify|remix)|shops/session-storage)[.]server[.]ts$",
        dynamic: false,
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "client-never-reaches-server",
      severity: "error",
      comment: "what runs in a browser may not reach a .server file through any chain",
      from: { path: "^app/(components|events|texts)/|^app/root[.]tsx$|^extensions/" },
      to: { path: "[.]server[.]tsx?$", reachable: true },
    },
    {
      name: "extensions-imports",
      severity: "error",
      comment: "an extension is a bundle of its own: of the app it may share only the vocabulary",
      from: { path: "^extensions/" },
      to: { path: "^app/", pathNot: "^app/events/" },
    },
    {
      name: "app-never-imports-test",
      severity: "error",
      from: { path: "^(app|extensions)/" },
      to: { path: "^test/" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      comment: "nothing imports it and it imports nothing",
      from: { orphan: true, path: "^(app|extensions)/", pathNot: "^app/routes([.]ts$|/)" },
      to: {},
    },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "no-dev-packages-in-app",
      severity: "error",
      comment: "routes.ts runs at build time; remix.server.ts loads Vite in development only",
      from: { path: "^app/", pathNot: "^app/(routes|remix[.]server)[.]ts$" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    // Prisma's generated files import each other in circles.
    doNotFollow: { path: "^(node_modules|prisma/client)/" },
    exclude: { path: "^(build|[.]shopify)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
    },
  },
};

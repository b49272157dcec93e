const { dataRooms, rooms } = require("./rooms.ts");

const anyOf = (names) => `(${names.join("|")})`;

/** A room may import itself and the rooms it is allowed; nothing else in app/, root files included. */
const only = ([room, allowed]) => ({
  name: `${room}-imports`,
  severity: "error",
  comment: `app/${room} may import only: ${[room, ...allowed].join(", ")}`,
  from: { path: `^app/${room}/` },
  to: { path: "^app/", pathNot: `^app/(${anyOf([room, ...allowed])}/${rootFilesFor(room)})` },
});

/** The web room is handed everything that the process made; no other room sees it whole. */
const rootFilesFor = (room) => (room === "web" ? "|services[.]server[.]ts$" : "");

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(only),
    {
      name: "cli-imports",
      severity: "error",
      comment:
        "the command line may import app/commands and what that may import, and Shopify's Admin API",
      from: { path: "^app/cli[.]ts$" },
      to: {
        path: "^app/",
        pathNot: `^app/(${anyOf(["commands", ...rooms.commands])}/|open-admin[.]server[.]ts$)`,
      },
    },
    {
      name: "screens-keep-apart",
      severity: "error",
      comment: "a screen imports itself and shell/; shell/ imports no screen",
      from: { path: "^app/admin/([^/]+)/" },
      to: { path: "^app/admin/", pathNot: "^app/admin/($1|shell)/" },
    },
    {
      name: "views-take-no-server-values",
      severity: "error",
      comment: "what runs in a browser takes types of a .server file, never a value; routes may",
      from: {
        path: "^app/(admin|events)/|^app/root[.]tsx$|^extensions/",
        pathNot: "[.]server[.]ts$|[.]route[.]tsx?$",
      },
      to: { path: "[.]server[.]tsx?$", dependencyTypesNot: ["type-only"] },
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
      comment: "app/routes.ts names them",
      from: { pathNot: "^test/" },
      to: { path: "^app/routes/|[.]route[.]tsx?$" },
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
        pathNot: "^node_modules/(zod|libphonenumber-js|ipaddr[.]js|intl-messageformat)/",
      },
    },
    {
      name: "strangers-reach-few-packages",
      severity: "error",
      comment:
        "their advisories are the urgent ones: docs/security.md lists what anybody's bytes meet",
      from: { path: "^app/(intake|platform/(http|bodies))/" },
      to: {
        dependencyTypes: ["npm"],
        pathNot: "^node_modules/(zod|lossless-json|ipaddr[.]js|isbot|pg|prom-client)/",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "only-shops-wake-what-waits",
      severity: "error",
      comment: "connecting and resuming do it by themselves, so that no caller can forget",
      from: { path: "^app/", pathNot: "^app/(shops|outbox)/" },
      to: { path: "^app/outbox/assign-account[.]" },
    },
    {
      name: "shops-wake-and-nothing-else",
      severity: "error",
      comment: "what is stored and sent of events is no matter of a shop's own",
      from: { path: "^app/shops/" },
      to: { path: "^app/outbox/", pathNot: "^app/outbox/assign-account[.]" },
    },
    {
      name: "no-person-is-digested",
      severity: "error",
      comment: "a person's data is hashed in app/mapping; name whoever hashes anything else",
      from: {
        path: "^app/",
        pathNot:
          "^app/(platform/(migrate|keyring|env/app-key-env)|shops/(api-keys|connection/(sign-in-attempt|send-test-event))|admin/event/rebuild-order-event)[.]",
      },
      to: { path: "^app/platform/digest[.]" },
    },
    {
      name: "only-the-clients-call-out",
      severity: "error",
      comment: "time limits, size limits, redirects and addresses are handled in one place each",
      from: {
        path: "^app/",
        pathNot: "^app/(pinterest/|tasks/callback/|shopify/(bulk-orders|application-token)[.])",
      },
      to: { path: "^node_modules/undici/" },
    },
    {
      name: "only-alerts-send-mail",
      severity: "error",
      comment: "time limits, TLS and what is repeated of an answer are handled in one place",
      from: { path: "^app/", pathNot: "^app/alerts/send-mail[.]" },
      to: { path: "^node_modules/nodemailer/" },
    },
    {
      name: "web-libraries-stay-at-the-edge",
      severity: "error",
      comment:
        "a worker never loads React, Remix or Shopify's library: they cost start-up and memory",
      from: {
        path: "^app/",
        pathNot:
          "^app/((routes|web)/|admin/.+(?<![.]server)[.]tsx?$|(root|entry[.](server|client))[.]tsx$|(routes|shops/session-storage[.]server)[.]ts$)",
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
      from: { path: "^app/", pathNot: "^app/web/" },
      to: {
        path: "^app/(web/|shops/session-storage[.])",
        dynamic: false,
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "extensions-imports",
      severity: "error",
      comment: "an extension is a bundle of its own, and every shop's pages carry it",
      from: { path: "^extensions/" },
      to: { path: "^app/" },
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
      from: {
        orphan: true,
        path: "^(app|extensions)/",
        pathNot: "^app/routes([.]ts$|/)|[.]route[.]tsx?$|^extensions/[^/]+/assets/",
      },
      to: {},
    },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "no-dev-packages-in-app",
      severity: "error",
      comment: "routes.ts runs at build time; web/remix.server.ts loads Vite in development only",
      from: { path: "^app/", pathNot: "^app/(routes|web/remix[.]server)[.]ts$" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    // Prisma's generated files import each other in circles.
    doNotFollow: { path: "^(node_modules|prisma/client)/" },
    exclude: { path: "^(build|[.]shopify|extensions/[^/]+/dist)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
    },
  },
};

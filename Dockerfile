# Builds the app and keeps what it runs on: no build tools, no embedded Postgres, no root.
FROM node:24-slim AS build
WORKDIR /pinrelay
COPY . .
# Installs, makes the typed client of the database and builds the pages (the script `dependencies`).
RUN npm ci

FROM node:24-slim
WORKDIR /pinrelay
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 NODE_COMPILE_CACHE=node_modules/.cache/pinrelay HOST=0.0.0.0 PORT=3000
COPY package.json package-lock.json .npmrc ./
# Without the peers, which bring Prisma's command line, and the optional packages, which bring Node
# and a Postgres: 249 MB instead of 740.
RUN npm ci --omit=dev --omit=optional --omit=peer --ignore-scripts
COPY --from=build /pinrelay/app app
COPY --from=build /pinrelay/prisma prisma
COPY --from=build /pinrelay/public public
COPY --from=build /pinrelay/build build
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The command of `npm start`, without npm between: the process gets SIGTERM itself. It takes up to
# 25 s to end, so give it 30.
STOPSIGNAL SIGTERM
CMD ["node", "--import", "./app/require-node.mjs", "--import", "./app/read-env-file.mjs", "--v8-pool-size=1", "--max-semi-space-size=8", "--no-minor-gc-task", "--max-old-space-size=768", "app/server.ts"]

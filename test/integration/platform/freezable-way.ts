import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { databaseUrl } from "#test/support/postgres-server.ts";

/** A way to a database that can go dark, as a host that has lost its power or its network does. */
export interface FreezableWay {
  url: string;
  /** Swallows everything from now on, also on new connections; the server's side stays open. */
  freeze(): void;
  /** New connections get through. Those of the time before stay dead, and nobody tells. */
  thaw(): void;
  close(): Promise<void>;
}

export async function openFreezableWay(targetUrl: string): Promise<FreezableWay> {
  const target = new URL(targetUrl);
  const postgres = path.join(target.searchParams.get("host") ?? "", ".s.PGSQL.5432");
  const folder = await mkdtemp(path.join(tmpdir(), "pinrelay-frozen-"));
  const sockets: Socket[] = [];
  let isFrozen = false;
  let dead = new Set<Socket>();
  const server = createServer((inward) => {
    const outward = connect(postgres);
    sockets.push(inward, outward);
    for (const [from, to] of [
      [inward, outward],
      [outward, inward],
    ] as const) {
      from.on("data", (bytes) => {
        if (isFrozen) dead.add(from).add(to);
        if (!dead.has(from)) to.write(bytes);
      });
      from.on("error", () => {});
    }
  });
  server.listen(path.join(folder, ".s.PGSQL.5432"));
  await once(server, "listening");
  return {
    url: databaseUrl(folder, target.pathname.slice(1)),
    freeze() {
      isFrozen = true;
      dead = new Set(sockets);
    },
    thaw() {
      isFrozen = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

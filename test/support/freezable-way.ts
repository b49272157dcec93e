import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

/** A way to a database that can go dark, as a host that has lost its power or its network does. */
export interface FreezableWay {
  url: string;
  /** Swallows everything from now on, also on new connections; the server's side stays open. */
  freeze(): void;
  /** New connections get through. Those of the time before stay dead, and nobody tells. */
  thaw(): void;
  /** New connections lead to the server of this folder, as after a failover. */
  moveTo(socketFolder: string): void;
  close(): Promise<void>;
}

const SOCKET = ".s.PGSQL.5432";
/** The server's own keepalive finds by then that nobody is there: see KEEP_ALIVE of the pool. */
const NOTICED_MS = 25_000;

export async function openFreezableWay(targetUrl: string): Promise<FreezableWay> {
  const url = new URL(targetUrl);
  let leadsTo = url.searchParams.get("host") ?? "";
  const folder = await mkdtemp(path.join(tmpdir(), "pinrelay-frozen-"));
  const inwards = new Set<Socket>();
  const outwards = new Set<Socket>();
  let isFrozen = false;
  const dead = new WeakSet<Socket>();

  function join(from: Socket, to: Socket, side: Set<Socket>): void {
    side.add(from);
    from.on("data", (bytes) => {
      if (!dead.has(from)) to.write(bytes);
    });
    from.on("error", () => {});
    from.on("close", () => {
      side.delete(from);
      if (!dead.has(from)) to.destroy();
    });
  }

  const server = createServer((inward) => {
    const outward = isFrozen ? new Socket() : connect(path.join(leadsTo, SOCKET));
    if (isFrozen) dead.add(inward).add(outward);
    join(inward, outward, inwards);
    join(outward, inward, outwards);
  });
  server.listen(path.join(folder, SOCKET));
  await once(server, "listening");
  url.searchParams.set("host", folder);
  return {
    url: url.href,
    freeze() {
      isFrozen = true;
      const cutOff = [...outwards];
      for (const socket of [...inwards, ...cutOff]) dead.add(socket);
      setTimeout(() => {
        for (const socket of cutOff) socket.destroy();
      }, NOTICED_MS).unref();
    },
    thaw() {
      isFrozen = false;
    },
    moveTo(socketFolder) {
      leadsTo = socketFolder;
    },
    async close() {
      for (const socket of [...inwards, ...outwards]) socket.destroy();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

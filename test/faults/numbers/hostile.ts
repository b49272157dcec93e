import { writeFileSync } from "node:fs";
import http from "node:http";
import { readPeakRssMb, readRssMb } from "#test/bench/process-usage.ts";
import { SECRET } from "#test/processes/sandbox-app.ts";
import { webhookHeaders } from "#test/sandbox/shopify/webhook-signing.ts";
import { openInstallation } from "../installation.ts";
import { makeSceneShops } from "../scene-shops.ts";
import type { Figure } from "./figure.ts";

const MIB = 1024 * 1024;
const SHOP = "nobody.myshopify.com";

export interface Attack {
  headers: Record<string, string>;
  /** How many bytes are sent, in pieces; more than is announced where it is more. */
  bytes: number;
  text?: string;
}

function signed(body: string): Record<string, string> {
  return webhookHeaders({ topic: "orders/create", shop: SHOP, secret: SECRET, body });
}

const forged = { ...signed("x"), "x-shopify-hmac-sha256": Buffer.alloc(32).toString("base64") };
const nested = "[".repeat(100_000);

export const ATTACKS: Record<string, Attack> = {
  "100 MiB announced": { headers: { ...forged, "content-length": String(100 * MIB) }, bytes: MIB },
  "a body without end": { headers: forged, bytes: 64 * MIB },
  "8 MB with a forged signature": { headers: forged, bytes: 8_000_000 },
  "a gzip bomb": { headers: { ...forged, "content-encoding": "gzip" }, bytes: MIB },
  "no signature": { headers: { "content-type": "application/json" }, bytes: MIB },
  "a hundred thousand levels": { headers: signed(nested), bytes: 0, text: nested },
  "an empty body": { headers: signed(""), bytes: 0 },
};

/** What anyone on the internet may send: how soon it is answered, and what memory it takes. */
export async function measureHostile(): Promise<Figure[]> {
  const installation = await openInstallation({ webs: 1, workers: 1 });
  try {
    await makeSceneShops(installation, 1);
    const [web] = installation.webs;
    if (web === undefined) throw new Error("no web process");
    const { pid } = web.app();
    for (const attack of Object.values(ATTACKS)) await attackOnce(web.url, attack);
    const before = await readRssMb(pid);
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
    const took: [string, number, number | null][] = [];
    for (const [name, attack] of Object.entries(ATTACKS)) {
      const startedAt = performance.now();
      const status = await attackOnce(web.url, attack);
      took.push([name, performance.now() - startedAt, status]);
    }
    const grownMb = (await readPeakRssMb(pid)) - before;
    const slowest = took.reduce((worst, one) => (one[1] > worst[1] ? one : worst));
    const statuses = took.map(([name, , status]) => `${name} ${status ?? "cut off"}`).join(", ");
    return [
      {
        what: "the slowest answer to hostile input",
        value: `${slowest[1].toFixed(0)} ms (${slowest[0]}); ${statuses}`,
        goal: "1 s",
        isReached: slowest[1] < 1_000,
      },
      {
        what: "the memory it takes at most",
        value: `${grownMb.toFixed(0)} MB`,
        goal: "under 50 MB",
        isReached: grownMb < 50,
      },
    ];
  } finally {
    await installation.close();
  }
}

/** The status, or null where the connection was closed before one came. */
export function attackOnce(url: string, { headers, bytes, text }: Attack): Promise<number | null> {
  return new Promise((resolve) => {
    const request = http.request(`${url}/webhooks`, { method: "POST", headers });
    request.on("response", (response) => {
      resolve(response.statusCode ?? null);
      response.resume();
      request.destroy();
    });
    request.on("error", () => resolve(null));
    if (text !== undefined) request.write(text);
    const piece = Buffer.alloc(64 * 1024, "x");
    let left = bytes;
    const write = () => {
      while (left > 0 && !request.destroyed) {
        left -= piece.length;
        if (!request.write(piece)) {
          request.once("drain", write);
          return;
        }
      }
      // What was announced as more is never sent.
      if (headers["content-length"] === undefined) request.end();
    };
    write();
  });
}

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, statSync, utimesSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SHOP } from "#test/e2e/world/local-stack.ts";
import { type LocalShopify, startLocalShopify } from "#test/sandbox/local-shopify.ts";
import { freePort } from "#test/support/app-process.ts";
import { eventually } from "#test/support/poll.ts";
import { type DataFolder, makeDataFolder } from "./data-folder.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** Shopify's command line makes a new one for each run. */
const TUNNEL = "plain-words-of-a-tunnel.trycloudflare.com";
const ROUTE = "app/admin/home/home.route.tsx";
const READY_WITHIN_MS = 120_000;

let folder: DataFolder;
let shopify: LocalShopify;
let app: ChildProcess;
let output = "";
let proxy: http.Server;

/** Stands where Shopify's command line does: behind a tunnel, in front of the app. */
function startProxy(port: number): http.Server {
  const server = http.createServer((request, response) => {
    const { method, url, headers } = request;
    const onward = http.request({ port, host: "127.0.0.1", method, path: url, headers });
    onward.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.once("error", () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on("upgrade", ({ url, headers }, socket) => {
    const onward = net.connect(port, "127.0.0.1");
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    onward.write(`GET ${url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    onward.pipe(socket).pipe(onward);
    for (const side of [onward, socket]) side.on("error", () => onward.destroy());
  });
  return server.listen(0, "127.0.0.1");
}

beforeAll(async () => {
  folder = await makeDataFolder();
  shopify = await startLocalShopify({ apiKey: "key-of-the-cli", apiSecret: "secret-of-the-cli" });
  shopify.setAppUrl(`https://${TUNNEL}`);
  const port = await freePort();
  // What Shopify's command line gives to the web process of shopify.web.toml.
  const cli = {
    SHOPIFY_API_KEY: "key-of-the-cli",
    SHOPIFY_API_SECRET: "secret-of-the-cli",
    SCOPES: "read_orders,read_customers,read_products,write_pixels,read_customer_events",
    HOST: `https://${TUNNEL}`,
    APP_URL: `https://${TUNNEL}`,
    PORT: String(port),
    FRONTEND_PORT: String(port),
    BACKEND_PORT: String(port),
    NODE_ENV: "development",
  };
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
  const [program = "", ...args] = String(scripts["dev:shopify"])
    .replace(/^exec /, "")
    .split(" ");
  app = spawn(program.replace(/^node$/, process.execPath), args, {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      DATA_DIR: folder.dataDir,
      SHOPIFY_SANDBOX_URL: shopify.url,
      ...cli,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [app.stdout, app.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  }
  proxy = startProxy(port);
  await once(proxy, "listening");
  const isSettled = async () => app.exitCode !== null || (await ask("/readyz")).status === 200;
  await eventually(isSettled, { deadlineMs: READY_WITHIN_MS });
  if (app.exitCode !== null) throw new Error(`the app did not start:\n${output}`);
});

afterAll(async () => {
  if (app?.exitCode === null) {
    app.kill("SIGTERM");
    await once(app, "exit");
  }
  proxy?.closeAllConnections();
  proxy?.close();
  await shopify?.close();
  await folder?.remove();
});

const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36";

function request(target: string, headers: Record<string, string> = {}): http.ClientRequest {
  const { port } = proxy.address() as net.AddressInfo;
  const given = { Host: TUNNEL, "User-Agent": BROWSER, "X-Forwarded-Proto": "https", ...headers };
  return http.get({ port, host: "127.0.0.1", path: target, headers: given });
}

async function ask(target: string): Promise<{ status: number | undefined; text: string }> {
  const [answer] = (await once(request(target), "response")) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { status: answer.statusCode, text: Buffer.concat(chunks).toString() };
}

test("a page of the admin loads through the tunnel, with its scripts", async () => {
  const { pathname, search } = new URL(shopify.frameUrl(SHOP));
  const page = await ask(`${pathname}${search}`);
  expect([page.status, page.text.slice(0, 2_000)]).toEqual([200, expect.stringContaining("<html")]);
  expect(page.text).toContain(`/${ROUTE}`);
  expect((await ask(`/${ROUTE}`)).status).toBe(200);
});

test("a change of the code reaches the page that is open", async () => {
  const client = await ask("/@vite/client");
  expect(client.status).toBe(200);
  const [, token] = /wsToken = "([^"]+)"/.exec(client.text) ?? [];
  const socket = request(`/?token=${token}`, {
    Connection: "Upgrade",
    Upgrade: "websocket",
    Origin: `https://${TUNNEL}`,
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    "Sec-WebSocket-Protocol": "vite-hmr",
  });
  const [{ statusCode }, stream, head] = await once(socket, "upgrade");
  let messages = String(head);
  stream.on("data", (chunk: Buffer) => {
    messages += chunk;
  });
  expect(statusCode).toBe(101);
  await eventually(() => messages.includes('"type":"connected"'));
  // The file is as it was, and newer.
  const now = new Date();
  utimesSync(path.join(ROOT, ROUTE), now, now);
  await eventually(() => messages.includes("home.route"));
  stream.destroy();
});

test("its key is made once, for nobody else to read, and beside the sandbox's data", () => {
  const file = `${folder.dataDir}.key`;
  expect(readFileSync(file, "utf8")).toMatch(/^dev:[A-Za-z0-9+/]{43}=\n$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

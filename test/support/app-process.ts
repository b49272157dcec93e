import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { COMPILED } from "./node-process.ts";
import { eventually } from "./poll.ts";

export interface AppProcess {
  url: string;
  pid: number;
  /** Everything it printed, both streams. */
  output(): string;
  /** Resolves when it is gone and all its output is here: the exit code, null after a signal. */
  ended: Promise<number | null>;
  /** `SIGKILL` ends it at once; resolves when it is gone. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Enough for a first start, which makes a database, on a machine that is busy with other things. */
const READY_DEADLINE_MS = 90_000;

/** A port of this machine that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Starts the app as `npm start` does, in an environment of its own, and waits until it is ready. */
export async function startApp(
  env: Record<string, string>,
  nodeArgs: string[] = [],
): Promise<AppProcess> {
  const app = await launchApp(env, nodeArgs);
  await untilReady(app);
  return app;
}

/** The same without waiting: it may never get ready. `nodeArgs` stand before the script. */
export async function launchApp(
  env: Record<string, string>,
  nodeArgs: string[] = [],
): Promise<AppProcess> {
  const port = env.PORT ?? String(await freePort());
  const start = readStartScript();
  const child = spawn(process.execPath, [...start.nodeArgs, ...nodeArgs, "app/server.ts"], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      LOG_LEVEL: "info",
      // What a developer keeps for a store of their own is nothing to a test.
      PINRELAY_ENV_FILE: "none",
      ...start.env,
      NODE_COMPILE_CACHE: COMPILED,
      ...env,
      PORT: port,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return describe(child, `http://127.0.0.1:${port}`);
}

/**
 * The command with which `npm start` runs the app: `exec env NAME=value node --flag app/server.ts`.
 */
function readStartScript(): { env: Record<string, string>; nodeArgs: string[] } {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
  const [, assignments, flags] =
    /^exec env (.*) node (.*) app\/server\.ts$/.exec(scripts.start) ?? [];
  if (assignments === undefined || flags === undefined) {
    throw new Error(`npm start is written in a way this does not know: ${scripts.start}`);
  }
  return {
    env: Object.fromEntries(assignments.split(" ").map((pair) => pair.split("="))),
    nodeArgs: flags.split(" "),
  };
}

/** Ends the app and throws, with what it printed, when it does not get ready. */
export async function untilReady(app: AppProcess): Promise<void> {
  let hasEnded = false;
  void app.ended.then(() => {
    hasEnded = true;
  });
  const isReady = async () => {
    if (hasEnded) return "ended";
    const response = await fetch(`${app.url}/readyz`);
    if (!response.ok) throw new Error(await response.text());
    return "ready";
  };
  const state = await eventually(isReady, { deadlineMs: READY_DEADLINE_MS }).catch(
    (error: unknown) => error,
  );
  if (state === "ready") return;
  await app.kill("SIGKILL");
  throw new Error(`the app did not get ready:\n${app.output()}`, { cause: state });
}

function describe(child: ChildProcess, url: string): AppProcess {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (data: string) => {
      output += data;
    });
  }
  const ended = once(child, "close").then(() => child.exitCode);
  return {
    url,
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

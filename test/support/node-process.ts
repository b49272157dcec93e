import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Where Node keeps what it compiled for the processes that tests start: to strip and compile the same
 * files again is a third of what the start of the app takes.
 */
export const COMPILED = `${ROOT}node_modules/.cache/test-processes`;

/** A script of ours in a process of its own, to be killed. */
export interface NodeProcess {
  pid: number;
  /** The next line on stdout; rejects with what stood on stderr when the process ends without. */
  nextLine(): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code; null when a signal ended it. */
  exited: Promise<number | null>;
}

export interface NodeProcessOptions {
  args?: string[];
  env?: Record<string, string>;
  uid?: number;
  gid?: number;
}

/** Runs `script`, a path from the project's root, under this Node, with nothing of our environment. */
export function startNode(script: string, options: NodeProcessOptions = {}): NodeProcess {
  const { args = [], env = {}, uid, gid } = options;
  const child: ChildProcess = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: {
      PATH: "/usr/bin:/bin",
      NODE_COMPILE_CACHE: COMPILED,
      ...env,
    } as unknown as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
  if (child.stdout === null || child.stderr === null || child.pid === undefined) {
    throw new Error(`${script} did not start`);
  }
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    errors += chunk;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, "exit").then(([code]) => code as number | null);
  return {
    pid: child.pid,
    exited,
    kill: (signal) => void child.kill(signal),
    async nextLine() {
      const { value, done } = await lines.next();
      if (done !== true) return value;
      throw new Error(`${script} ended with ${await exited}: ${errors}`);
    },
  };
}

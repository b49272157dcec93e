import { AsyncLocalStorage } from "node:async_hooks";
import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";

export const projectRoot = path.resolve(import.meta.dirname, "../..");

/** Where the output of what is run inside goes; outside it is our own. */
const outputs = new AsyncLocalStorage<Buffer[]>();

const running = new Set<ChildProcess>();

/** A signal that ends us is passed on first, so that no server or browser of a suite is left behind. */
function passOn(signal: NodeJS.Signals): void {
  for (const child of running) {
    child.kill(signal);
    child.once("close", () => {
      if (running.size === 0) process.exit(1);
    });
  }
}

/** Runs `work`, and gives what its programs print in one piece instead of printing it. */
export async function holdOutput<T>(
  work: () => Promise<T>,
): Promise<{ result: T; output: Buffer }> {
  const chunks: Buffer[] = [];
  const result = await outputs.run(chunks, work);
  return { result, output: Buffer.concat(chunks) };
}

/**
 * Runs a program of the project or of the system, and gives its exit code: 1 where it was ended by
 * a signal or could not be started.
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<number> {
  const held = outputs.getStore();
  // Node's own folder comes first: a `node` from elsewhere on the machine may be too old.
  const search = [path.join(projectRoot, "node_modules/.bin"), path.dirname(process.execPath)];
  const child = spawn(program, args, {
    cwd: projectRoot,
    stdio: held === undefined ? "inherit" : ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: [...search, process.env.PATH].join(":"), ...environment },
  });
  child.stdout?.on("data", (chunk: Buffer) => held?.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => held?.push(chunk));
  if (running.size === 0) process.on("SIGINT", passOn).on("SIGTERM", passOn);
  running.add(child);
  return new Promise<number>((resolve) => {
    const end = (code: number | null): void => {
      running.delete(child);
      if (running.size === 0) process.off("SIGINT", passOn).off("SIGTERM", passOn);
      resolve(code ?? 1);
    };
    child.once("error", (error) => {
      const line = `${program}: ${error.message}\n`;
      if (held === undefined) process.stderr.write(line);
      else held.push(Buffer.from(line));
      end(1);
    });
    child.once("close", end);
  });
}

import { spawn } from "node:child_process";
import path from "node:path";

export const projectRoot = path.resolve(import.meta.dirname, "../..");

/**
 * Runs a program of the project or of the system with our output as its own, and gives its exit
 * code: 1 where it was ended by a signal or could not be started. A signal that ends us is passed
 * on first, so that no server or browser of a suite is left behind.
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<number> {
  // Node's own folder comes first: a `node` from elsewhere on the machine may be too old.
  const search = [path.join(projectRoot, "node_modules/.bin"), path.dirname(process.execPath)];
  const child = spawn(program, args, {
    cwd: projectRoot,
    stdio: "inherit",
    env: { ...process.env, PATH: [...search, process.env.PATH].join(":"), ...environment },
  });
  const passOn = (signal: NodeJS.Signals): void => {
    child.kill(signal);
    child.once("close", () => process.exit(1));
  };
  process.on("SIGINT", passOn).on("SIGTERM", passOn);
  try {
    return await new Promise((resolve) => {
      child.once("error", (error) => {
        process.stderr.write(`${program}: ${error.message}\n`);
        resolve(1);
      });
      child.once("close", (code) => resolve(code ?? 1));
    });
  } finally {
    process.off("SIGINT", passOn).off("SIGTERM", passOn);
  }
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface CliRun {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** stdout as the one JSON document that it must be. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into documents of many shapes
  json(): any;
}

const cli = fileURLToPath(new URL("../../../app/pinrelay.mjs", import.meta.url));

/**
 * Runs the command as a user does: a process of its own, with nothing of our environment. What is
 * not given on stdin has ended.
 */
export async function runCli(
  args: string[],
  env: Record<string, string> = {},
  stdin = "",
): Promise<CliRun> {
  const child = spawn(process.execPath, [cli, ...args], {
    env: { PATH: "/usr/bin:/bin", PINRELAY_ENV_FILE: "none", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command that reads nothing has closed it by now.
  child.stdin.on("error", () => {}).end(stdin);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, ...output, json: () => JSON.parse(output.stdout) };
}

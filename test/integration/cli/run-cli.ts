import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { runCli as runInside } from "#app/cli.ts";

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
 * Runs the command in this process, with nothing of our environment: what it prints and returns is
 * the same, and half a second of a processor is saved. What is not given on stdin has ended.
 */
export async function runCli(
  args: readonly string[],
  env: Record<string, string> = {},
  stdin = "",
): Promise<CliRun> {
  const output = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof output) => ({
    write(text: string) {
      output[name] += text;
    },
  });
  const exitCode = await runInside({
    argv: ["node", "pinrelay", ...args],
    env,
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: stream("stdout"),
    stderr: stream("stderr"),
  });
  return { exitCode, ...output, json: () => JSON.parse(output.stdout) };
}

/** Runs it as a user does: in a process of its own, which has to end by itself. */
export async function startCli(
  args: readonly string[],
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

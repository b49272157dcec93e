import { spawn } from "node:child_process";
import { once } from "node:events";

export interface ScriptRun {
  exitCode: number | null;
  output: string;
}

/** Runs a script as somebody would who reads a page. Its two streams come as one. */
export async function runScript(
  script: string,
  cwd: string,
  env: Record<string, string>,
): Promise<ScriptRun> {
  const child = spawn("bash", ["-c", `exec 2>&1\n${script}`], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, output };
}

import { existsSync } from "node:fs";
import { holdOutput, runCommand } from "./run-command.ts";

// A Chromium without windows renders the same pages for two thirds of the processor time.
const HEADLESS_SHELL = "/usr/bin/chromium-headless-shell";
const WHOLE_CHROMIUM = "/usr/bin/chromium";
const PACKAGES = ["chromium-headless-shell", "fonts-inter"];

/** The browser that is to be used: CHROMIUM names another than Debian's. It may not be there. */
export function nameChromium(): string {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  return [HEADLESS_SHELL, WHOLE_CHROMIUM].find((file) => existsSync(file)) ?? HEADLESS_SHELL;
}

/** The same, once root on Debian has installed what is missing; null: it cannot be had. */
export async function findChromium(): Promise<string | null> {
  const isOurs = !process.env.CHROMIUM && !existsSync(HEADLESS_SHELL);
  if (isOurs && process.getuid?.() === 0 && existsSync("/etc/debian_version")) {
    // Where the whole one is there, a try that fails is no fault, and costs a person no look at a mirror.
    if (existsSync(WHOLE_CHROMIUM))
      await holdOutput(() => installPackages(Boolean(process.env.CI)));
    else {
      process.stdout.write(`Installing ${PACKAGES.join(" and ")} for the browser tests\n`);
      await installPackages(true);
    }
  }
  const file = nameChromium();
  return isThere(file) ? file : null;
}

/** One by one: a machine that cannot have the one may have the other. */
async function installPackages(looksAtMirror: boolean): Promise<void> {
  if (looksAtMirror) await apt("update");
  for (const name of PACKAGES) await apt("install", "-y", name);
}

function apt(...args: string[]): Promise<number> {
  return runCommand("apt-get", ["-qq", ...args], { DEBIAN_FRONTEND: "noninteractive" });
}

function isThere(file: string): boolean {
  if (existsSync(file)) return true;
  process.stderr.write(
    `The browser tests need Chromium, and there is none at ${file}. Install it with\n` +
      `  sudo apt-get update && sudo apt-get install -y ${PACKAGES.join(" ")}\n` +
      "or name one: CHROMIUM=/path/to/chromium\n",
  );
  return false;
}

import { existsSync } from "node:fs";
import { runCommand } from "./run-command.ts";

const DEBIAN_CHROMIUM = "/usr/bin/chromium";
const PACKAGES = ["chromium", "fonts-inter"];

/** Where the browser is. Root on Debian installs one that is missing; null: it cannot be had. */
export async function findChromium(): Promise<string | null> {
  const chosen = process.env.CHROMIUM;
  if (chosen) return isThere(chosen) ? chosen : null;
  if (existsSync(DEBIAN_CHROMIUM)) return DEBIAN_CHROMIUM;
  if (process.getuid?.() === 0 && existsSync("/etc/debian_version")) {
    process.stdout.write(`Installing ${PACKAGES.join(" and ")} for the browser tests\n`);
    const quiet = { DEBIAN_FRONTEND: "noninteractive" };
    await runCommand("apt-get", ["update", "-qq"], quiet);
    await runCommand("apt-get", ["install", "-qq", "-y", ...PACKAGES], quiet);
  }
  return isThere(DEBIAN_CHROMIUM) ? DEBIAN_CHROMIUM : null;
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

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** A command of a page with the output that the page shows below it. */
export interface PageExample {
  /** Line of the page on which the command starts. */
  line: number;
  command: string;
  exitCode: number;
  /** `json` is compared as JSON, `text` to the letter. */
  kind: "json" | "text";
  output: string;
}

export interface Page {
  examples: PageExample[];
  /** Contents of the files that the page shows, by name. */
  files: Map<string, string>;
}

const FENCE = /^```(\S+)([^\n]*)\n(.*?)^```$/gms;

/**
 * The examples of a page of the docs: a fence ```` ```sh run ```` (with `exit=1` if that is how it
 * ends), and after it one with what it prints. ```` ```csv file=NAME ```` is a file for them.
 */
export function readPage(file: string): Page {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const text = readFileSync(path.join(root, file), "utf8");
  const page: Page = { examples: [], files: new Map() };
  let command: { line: number; text: string; exitCode: number } | null = null;
  for (const { 1: kind = "", 2: info = "", 3: body = "", index } of text.matchAll(FENCE)) {
    const name = /\bfile=(\S+)/.exec(info)?.[1];
    if (name !== undefined) page.files.set(name, body);
    if (command !== null && (kind === "json" || kind === "text")) {
      const { line, text: run, exitCode } = command;
      page.examples.push({ line, command: run, exitCode, kind, output: body });
    }
    command = null;
    if (kind === "sh" && /\brun\b/.test(info)) {
      const line = text.slice(0, index).split("\n").length;
      command = { line, text: body, exitCode: Number(/\bexit=(\d)/.exec(info)?.[1] ?? 0) };
    }
  }
  return page;
}

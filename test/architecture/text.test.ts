import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { TASKS } from "#app/tasks/task-document.server.ts";
import { projectRoot } from "./planted-tree.ts";
import { listFiles, readText } from "./repository-files.ts";

/** Places and papers that only those who wrote the project ever saw. */
const privateWords = [
  /\/work\/(shared|main)/,
  /\b(DESIGN|INTERFACES|STACK|STYLE|SHOPIFY|PINTEREST|RELIABILITY|SCALE|ADMIN)\.md\b/,
  /\bissue #\d/i,
  /\bsession ends\b/i,
  /\b(the lead|another helper|this session|my room|the brief)\b/i,
  /\/tmp\/h\d/,
];
const unfinished = /\b(TODO|FIXME|XXX|HACK)\b/;

const self = "test/architecture/text.test.ts";
const files = listFiles().filter((file) => file !== self && file !== "package-lock.json");
const texts = files
  .filter((file) => !/[.](png|ico|svg|woff2?|gz)$/.test(file))
  .map((file) => ({ file, text: readText(file) }));
const pages = texts.filter(({ file }) =>
  /^(README|CHANGELOG|docs\/.*)\.?\w*[.]md$|^[^/]+[.]md$|^docs\/.*[.]md$/.test(file),
);

describe("the text of the project", () => {
  it("sends nobody to a place that is not in it", () => {
    const lines = texts.flatMap(({ file, text }) =>
      text
        .split("\n")
        .filter((line) => privateWords.some((word) => word.test(line)))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(lines).toEqual([]);
  });

  it("calls a browser test by a sentence, and leaves its code to a tag", () => {
    const coded = /\btest\(\s*["`][A-Z]\d+\b/;
    const titled = texts.filter(({ file }) => file.startsWith("test/e2e/"));
    expect(titled.filter(({ text }) => coded.test(text)).map(({ file }) => file)).toEqual([]);
    expect('test(\n  "L1 every state", ').toMatch(coded);
  });

  it("begins no comment of the app without a subject", () => {
    const fragment = /(?:\/\*\*|\/\/|\/\*\*\n\s*\*) (?:Of|Whoever|Nobody|All that|For whoever) /;
    const sources = texts.filter(({ file }) => /^app\/.*[.]tsx?$/.test(file));
    expect(sources.filter(({ text }) => fragment.test(text)).map(({ file }) => file)).toEqual([]);
    expect("/** Of the last hour, every kind. */").toMatch(fragment);
  });

  it("leaves nothing to be done later", () => {
    const sources = texts.filter(({ file }) => !file.startsWith("test/fixtures/"));
    expect(sources.filter(({ text }) => unfinished.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it.each(["README.md", "CHANGELOG.md", "LICENSE"])("has a %s", (file) => {
    expect(files).toContain(file);
  });

  it("has no link in a page that leads nowhere", () => {
    expect(pages.flatMap(({ file, text }) => brokenLinks(file, text))).toEqual([]);
  });

  it("names no path in a page that is not there", () => {
    const named = pages.filter(({ file }) => file !== "CHANGELOG.md");
    expect(named.flatMap(({ file, text }) => missingPaths(file, text))).toEqual([]);
    expect(missingPaths("README.md", "`app/gone.ts`, `app/cli.ts`, `app/uninstalled`")).toEqual([
      "README.md: app/gone.ts",
    ]);
  });

  it("names no task in a page that does not exist, and breaks no table by an empty line", () => {
    const named = pages.flatMap(({ text }) => text.match(/(?<=`)(send|list|get)_\w+(?=`)/g) ?? []);
    expect([...new Set(named)].filter((name) => !TASKS.includes(name as never))).toEqual([]);
    expect(pages.flatMap(({ file, text }) => headlessTables(file, text))).toEqual([]);
    expect(headlessTables("a.md", "| a |\n|---|\n| 1 |\n\n| 2 |\n| 3 |")).toEqual(["a.md: | 2 |"]);
  });

  it("would have a broken link found", () => {
    const text =
      "# A title\n[a](nowhere.md) [b](#a-title) [c](#gone) [d](LICENSE) [e](https://x.test)";
    expect(brokenLinks("README.md", text)).toEqual(["README.md: nowhere.md", "README.md: #gone"]);
  });
});

/** Links to a file that is not there, or to a heading that its page does not have. */
function brokenLinks(page: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map(([, link = ""]) => link);
  return links
    .filter((link) => !/^[a-z]+:/i.test(link))
    .filter((link) => {
      const [target = "", heading] = link.split("#", 2);
      const file = target === "" ? page : path.join(path.dirname(page), decodeURI(target));
      if (target !== "" && !existsSync(path.join(projectRoot, file))) return true;
      if (heading === undefined || !file.endsWith(".md")) return false;
      return !headingsIn(target === "" ? text : readText(file)).includes(heading);
    })
    .map((link) => `${page}: ${link}`);
}

/** Returns the backticked paths of a page that do not exist; `app/uninstalled` is a webhook topic. */
function missingPaths(page: string, text: string): string[] {
  return [...text.matchAll(/`((?:app|docs|extensions|prisma|test)\/[\w./$-]+)`/g)]
    .map(([, named = ""]) => named)
    .filter((named) => named !== "app/uninstalled" && !existsSync(path.join(projectRoot, named)))
    .map((named) => `${page}: ${named}`);
}

/** Returns the first row of each table that GitHub shows as text, because no header precedes it. */
function headlessTables(page: string, text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "");
  return [...prose.matchAll(/(?<![|].*\n)^([|].*)\n(?![|][ :|-]+$)/gm)].map(
    ([, row = ""]) => `${page}: ${row}`,
  );
}

/** Headings as GitHub names them in a link. */
function headingsIn(text: string): string[] {
  return [...text.matchAll(/^#+\s+(.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
}

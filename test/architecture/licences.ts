import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { readText } from "./repository-files.ts";

/** Licences that let a service use, change and pass on the code for a notice at most. */
export const ALLOWED = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "MIT-0",
  "Unlicense",
  // Of these each part, or one to choose, is above.
  "(Apache-2.0 AND MIT)",
  "(MIT OR CC0-1.0)",
  "(Unlicense OR Apache-2.0)",
];

/** Packages whose licence is a text of their own, with what it asks. */
export const READ_BY_HAND = new Map([
  ["@shopify/polaris", "MIT's terms, for apps that integrate with Shopify"],
  ["@shopify/polaris-icons", "MIT's terms, for apps that integrate with Shopify"],
  ["@shopify/polaris-tokens", "MIT's terms, for apps that integrate with Shopify"],
]);

/** An entry of the lockfile, as far as it is read here. */
interface LockedPackage {
  /** An alias, which is installed under another name, has its own here. */
  name?: string;
  version: string;
  integrity?: string;
  resolved?: string;
  license?: string;
  dev?: boolean;
  devOptional?: boolean;
  link?: boolean;
  hasInstallScript?: boolean;
}

/** Every package of the lockfile; the project's own folders are none. */
export function readLocked(): (LockedPackage & { name: string })[] {
  const { packages } = JSON.parse(readText("package-lock.json"));
  return Object.entries<LockedPackage>(packages)
    .filter(([place, { link }]) => place.includes("node_modules/") && link !== true)
    .map(([place, locked]) => {
      return { ...locked, name: locked.name ?? place.replace(/^.*node_modules\//, "") };
    });
}

/** The names of what a running app may have, by licence. */
export function listByLicence(): Map<string, string[]> {
  const byLicence = new Map<string, string[]>();
  for (const { name, license = "none", dev, devOptional } of readLocked()) {
    const names = byLicence.get(license) ?? [];
    if (dev || devOptional || names.includes(name)) continue;
    byLicence.set(license, [...names, name].sort());
  }
  return new Map([...byLicence].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `docs/licences.md` as it should be. */
export function describeLicences(): string {
  const rows = [...listByLicence()].map(
    ([licence, names]) => `| ${licence} | ${names.length} | ${names.join(", ")} |`,
  );
  const own = [...READ_BY_HAND].map(([name, terms]) => `- ${name}: ${terms}`);
  return `# Licences

What a running Pinrelay may have installed, by licence, from \`package-lock.json\`: the packages of the app, and the optional ones that bring Node and the embedded Postgres. \`npm run licences\` writes this page; a test fails while it is out of date, or if a licence is not one of ${ALLOWED.filter((one) => !one.startsWith("(")).join(", ")}.

| licence | packages | names |
|---|--:|---|
${rows.join("\n")}

Read by hand, because their licence is a text of its own:

${own.join("\n")}

Tools for building and testing are not part of it: none of their code is in what runs.
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  writeFileSync(new URL("../../docs/licences.md", import.meta.url), describeLicences());
}

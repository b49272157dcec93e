import { readdirSync, readFileSync } from "node:fs";

export interface Route {
  id: string;
  parentId?: string;
  path?: string;
  index?: boolean;
}

function readRoutes(): Route[] {
  const folder = new URL("../../build/client/assets/", import.meta.url);
  const name = readdirSync(folder).find((file) => /^manifest-.*\.js$/.test(file)) ?? "";
  const text = readFileSync(new URL(name, folder), "utf8");
  const manifest = JSON.parse(/=(\{.*\})/s.exec(text)?.[1] ?? "{}");
  return Object.values(manifest.routes);
}

export const routes = new Map(readRoutes().map((route) => [route.id, route]));
export const pathOf = ({ path, parentId }: Route): string => {
  const parent = routes.get(parentId ?? "");
  const before = parent === undefined ? "" : pathOf(parent);
  return path ? `${before}/${path}` : before;
};

/** Words that the sources know: names of parameters and fields, and what they may hold. */
export const knownWords: readonly string[] = [
  ...new Set(
    ["app/routes", "app/admin", "app/shops/settings"].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => /\.tsx?$/.test(file))
        .flatMap((file) => [
          ...(readFileSync(`${folder}/${file}`, "utf8").match(/(?<=")[A-Za-z][\w-]{1,20}(?=")/g) ??
            []),
        ]),
    ),
  ),
];

/** A form with `bound` as its boundary. */
export function multipart(form: [string, string][]): string {
  const parts = form.map(
    ([name, value]) =>
      `--bound\r\nContent-Disposition: form-data; name=${JSON.stringify(name.toWellFormed())}\r\n\r\n${value.toWellFormed()}\r\n`,
  );
  return `${parts.join("")}--bound--\r\n`;
}

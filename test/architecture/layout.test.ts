import { describe, expect, it } from "vitest";
import { listFiles, readText } from "./repository-files.ts";
import { rooms, rootFiles, serverRooms } from "./rooms.ts";

/** A name that says nothing of what is in the file. */
const emptyName = /^(index|utils?|helpers?|common|misc|shared|manager)[.]/;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.server|\.route|\.test|\.config|\.d)*\.[a-z]+$/;

describe("the tree", () => {
  const files = listFiles();

  it("is laid out as the rooms say", () => {
    expect(files.filter((file) => file.startsWith("app/")).flatMap(faultsOf)).toEqual([]);
  });

  it("has an address for each route, in app/routes.ts", () => {
    const routes = files.filter((file) => /^app\/(routes\/|.+[.]route[.])/.test(file));
    const table = readText("app/routes.ts");
    expect(routes.length).toBeGreaterThan(20);
    expect(routes.filter((file) => !table.includes(`"${file.slice("app/".length)}"`))).toEqual([]);
  });

  it("is drawn in docs/architecture.md as the rooms say: each imports only what stands lower", () => {
    const page = readText("docs/architecture.md");
    const picture = page.split("## Who may import whom")[1]?.split("```")[1] ?? "";
    const lines = picture
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/));
    expect(lines.flat().sort()).toEqual(Object.keys(rooms).sort());
    const heightOf = (room: string) => lines.findIndex((line) => line.includes(room));
    const climbs = Object.entries(rooms).flatMap(([room, allowed]) =>
      allowed.filter((to) => heightOf(to) <= heightOf(room)).map((to) => `${room} → ${to}`),
    );
    expect(climbs).toEqual([]);
    expect(Object.keys(rooms).filter((room) => !page.includes(`| \`${room}\` |`))).toEqual([]);
  });

  it("allows no room what it does not use, but for the ground that all stand on", () => {
    const used = new Set(
      files.flatMap((file) => {
        const [, room = ""] = /^app\/([^/]+)\/.+[.]tsx?$/.exec(file) ?? [];
        const named = room === "" ? [] : [...readText(file).matchAll(/"#app\/([^/"]+)\//g)];
        return named.map(([, to]) => `${room} → ${to}`);
      }),
    );
    const idle = Object.entries(rooms).flatMap(([room, allowed]) =>
      allowed
        .filter((to) => to !== "events" && to !== "platform")
        .map((to) => `${room} → ${to}`)
        .filter((pair) => !used.has(pair)),
    );
    expect(idle).toEqual([]);
  });

  it("imports a module in one statement", () => {
    const code = files.filter((file) => /^(app|extensions|test)\/.+\.[cm]?[jt]sx?$/.test(file));
    expect(code.flatMap((file) => importedTwice(file, readText(file)))).toEqual([]);
    const planted = 'import type { A } from "./a.ts";\nimport {\n  b,\n} from "./a.ts";\n';
    expect(importedTwice("planted", planted)).toEqual(["planted: ./a.ts"]);
  });

  it.each([
    ["app/stray.ts", "not a file that belongs directly under app/"],
    ["app/drawer/thing.ts", "not a room"],
    ["app/outbox/settle-batch.ts", "a file of this room ends in .server.ts"],
    ["app/outbox/settle-batch.server.tsx", "a file of this room ends in .server.ts"],
    ["app/events/event-id.server.ts", "a file of this room is shared with the browser"],
    ["app/shops/utils.server.ts", "a name that says nothing"],
    ["app/shops/installShop.server.ts", "a name in kebab-case"],
  ])("would not be allowed %s", (file, fault) => {
    expect(faultsOf(file)).toEqual([`${file}: ${fault}`]);
  });

  it.each([
    "app/server.ts",
    "app/shops/install-shop.server.ts",
    "app/events/event-id.ts",
    "app/admin/shell/state-badge.tsx",
    "app/admin/home/home.route.tsx",
  ])("would be allowed %s", (file) => {
    expect(faultsOf(file)).toEqual([]);
  });
});

function importedTwice(file: string, text: string): string[] {
  const named = [...text.matchAll(/^import\s[^;"]*\sfrom "([^"]+)";$/gm)].map(([, from]) => from);
  return named.filter((from, n) => named.indexOf(from) !== n).map((from) => `${file}: ${from}`);
}

function faultsOf(file: string): string[] {
  const [, room = "", name = ""] = /^app\/(?:([^/]+)\/)?(?:.*\/)?([^/]+)$/.exec(file) ?? [];
  return faultsOfName(room, name).map((fault) => `${file}: ${fault}`);
}

function faultsOfName(room: string, name: string): string[] {
  if (room === "") {
    const isKnown = rootFiles.some((known) => known === name);
    return isKnown ? [] : ["not a file that belongs directly under app/"];
  }
  if (!(room in rooms)) return ["not a room"];
  const faults: string[] = [];
  const isServer = serverRooms.some((known) => known === room);
  if (isServer && !name.endsWith(".server.ts"))
    faults.push("a file of this room ends in .server.ts");
  if (!isServer && room !== "admin" && name.includes(".server."))
    faults.push("a file of this room is shared with the browser");
  if (emptyName.test(name)) faults.push("a name that says nothing");
  if (!kebabCase.test(name)) faults.push("a name in kebab-case");
  return faults;
}

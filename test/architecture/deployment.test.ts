import { existsSync } from "node:fs";
import path from "node:path";
import { parse as parseToml } from "smol-toml";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { projectRoot } from "./planted-tree.ts";
import { readText } from "./repository-files.ts";

// No container engine is needed to see that what these files name exists.
const dockerfile = readText("Dockerfile");
const compose = parseYaml(readText("compose.yaml"));
const render = parseYaml(readText("render.yaml"));
const fly = parseToml(readText("fly.toml")) as unknown as Fly;
const workflow = parseYaml(readText(".github/workflows/ci.yml"));
const { scripts } = JSON.parse(readText("package.json"));
const environment = readText("docs/environment.md");
const server = readText("app/server.ts");

interface Fly {
  env: Record<string, string>;
  kill_timeout: string;
  http_service: {
    internal_port: number;
    auto_stop_machines: string;
    checks: { path: string }[];
  };
}

/** Instructions of the Dockerfile, lines that go on joined: `["COPY", "package.json ./"]`. */
const instructions = dockerfile
  .replaceAll("\\\n", " ")
  .split("\n")
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)] as const);
const all = (name: string) => instructions.flatMap(([own, text]) => (own === name ? [text] : []));
const last = (name: string) => all(name).at(-1) ?? "";

/** A process ends by then, after SIGTERM. */
const STOP_SECONDS = Number(/STOP_WITHIN_MS = (\d+)_000/.exec(server)?.[1]);

describe("the image", () => {
  it("starts the app with the command of npm start, and no npm between", () => {
    const [, assigned = "", node = ""] = /^exec env (.*) (node .*)$/.exec(scripts.start) ?? [];
    expect(JSON.parse(last("CMD")).join(" ")).toBe(node);
    expect(last("ENV").split(" ")).toEqual(expect.arrayContaining(assigned.split(" ")));
  });

  it("copies what exists or what its first stage builds", () => {
    const built = ["build"];
    const sources = all("COPY").flatMap((text) =>
      text
        .split(" ")
        .filter((word) => !word.startsWith("--"))
        .slice(0, -1),
    );
    const missing = sources
      .map((source) => source.replace(/^\/pinrelay\//, ""))
      .filter((source) => !built.includes(source))
      .filter((source) => !existsSync(path.join(projectRoot, source)));
    expect(missing).toEqual([]);
    expect(sources.length).toBeGreaterThan(4);
  });

  it("runs as a user who is not root, on a Node that the app takes, and listens where it says", () => {
    expect(last("USER")).toBe("node");
    const { engines } = JSON.parse(readText("package.json"));
    const [major] = /\d+/.exec(engines.node) ?? [];
    for (const from of all("FROM")) expect(from).toContain(`node:${major}-slim`);
    expect(last("ENV")).toContain(`PORT=${last("EXPOSE")}`);
  });

  it("holds no secret, no data and no tests of the folder it is built in", () => {
    const left = readText(".dockerignore").split("\n");
    for (const name of [".env", ".data", ".git", "node_modules", "test"])
      expect(left).toContain(name);
  });
});

describe("every host", () => {
  it("asks a path that the app answers", () => {
    const asked = [
      ...fly.http_service.checks.map((check) => check.path),
      render.services[0].healthCheckPath,
      /'(\/\w+)'/.exec(last("HEALTHCHECK"))?.[1],
    ];
    for (const one of asked) expect(["/readyz", "/healthz"]).toContain(one);
    expect(readText("app/platform/operations.server.ts")).toContain('"/readyz"');
  });

  it("gives the process the time that it takes to stop", () => {
    const given = [
      compose.services.app.stop_grace_period,
      fly.kill_timeout,
      `${render.services[0].maxShutdownDelaySeconds}s`,
    ].map((text) => Number.parseInt(text, 10));
    expect(STOP_SECONDS).toBeGreaterThan(0);
    for (const seconds of given) expect(seconds).toBeGreaterThan(STOP_SECONDS);
  });

  it("sends requests to the port that the app listens on, and never lets it sleep", () => {
    const port = Number(last("EXPOSE"));
    expect(fly.http_service).toMatchObject({ internal_port: port, auto_stop_machines: "off" });
    expect(compose.services.app.ports).toEqual([`${port}:${port}`]);
  });

  it("waits for the database to be healthy", () => {
    expect(compose.services.app.depends_on.database.condition).toBe("service_healthy");
    expect(compose.services.database.healthcheck.test).toContain("pg_isready");
  });
});

describe("a variable of the environment", () => {
  const example = [...readText(".env.example").matchAll(/^([A-Z_]+)=/gm)].map(
    ([, name]) => name ?? "",
  );
  const named = [
    ...example,
    ...Object.keys(compose.services.app.environment),
    ...Object.keys(fly.env),
    ...render.services[0].envVars.map(({ key }: { key: string }) => key),
  ];

  it.each([...new Set(named)])("%s is one that the app reads", (name) => {
    expect(environment).toContain(`\`${name}\``);
  });

  it("is in the example if a start in production needs it", () => {
    const message = thrownBy(() => parseEnv({}, { serves: true }));
    const needed = [...message.matchAll(/^ {2}([A-Z_]+) is missing:/gm)].map(([, name]) => name);
    expect(needed.length).toBeGreaterThan(3);
    expect(needed.filter((name) => !example.includes(name ?? ""))).toEqual([]);
  });

  it("SCOPES is the same everywhere", () => {
    const { access_scopes } = parseToml(readText("shopify.app.toml")) as never as {
      access_scopes: { scopes: string };
    };
    const given = [
      /^SCOPES=(.*)$/m.exec(readText(".env.example"))?.[1],
      fly.env.SCOPES,
      render.services[0].envVars.find(({ key }: { key: string }) => key === "SCOPES").value,
    ];
    expect(given).toEqual(given.map(() => access_scopes.scopes));
  });
});

it("the workflow runs what the project's own check runs", () => {
  const steps = workflow.jobs.test.steps.map(({ run }: { run?: string }) => run);
  expect(steps).toContain(".ci/run");
  expect(existsSync(path.join(projectRoot, ".ci/run"))).toBe(true);
});

function thrownBy(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

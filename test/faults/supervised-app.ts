import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type AppProcess, freePort, launchApp, untilReady } from "#test/support/app-process.ts";

/** The end of a process that nobody had asked to end. */
export interface Death {
  name: string;
  at: number;
  /** The fault point that it died at; null after another signal, `crashed` by a fault of its own. */
  point: string | null;
}

/** One process of the installation, which is started again when it ends, as a supervisor would. */
export interface SupervisedApp {
  name: string;
  role: "web" | "worker";
  url: string;
  app(): AppProcess;
  untilReady(): Promise<void>;
  /** Ends the process; it is started again at once, or when `release` is called. */
  end(signal: NodeJS.Signals, options?: { isHeld?: boolean }): Promise<void>;
  release(): Promise<void>;
  /** Ends it unless it is held, and starts it in a changed environment. */
  restart(changes: Record<string, string>): Promise<void>;
  /** Makes the process's clock wrong by so much. */
  setClock(wrongByMs: number): Promise<void>;
  /** What all its processes printed. */
  outputs(): string[];
  close(): Promise<void>;
}

export interface SupervisedOptions {
  name: string;
  role: "web" | "worker";
  env: Record<string, string>;
  faultsFolder: string;
  onDeath(death: Death): void;
}

const PRELOAD = ["--import", "./test/faults/preload.ts"];
const START_AGAIN_MS = 100;

export async function superviseApp(options: SupervisedOptions): Promise<SupervisedApp> {
  const { name, role, faultsFolder } = options;
  const port = String(await freePort());
  const earlier: AppProcess[] = [];
  let env: Record<string, string> = {
    ...options.env,
    PINRELAY_ROLE: role,
    PORT: port,
    FAULTS_FOLDER: faultsFolder,
    FAULTS_NAME: name,
  };
  let isHeld = false;
  let isClosed = false;
  let app = await launch();

  async function launch(): Promise<AppProcess> {
    const launched = await launchApp(env, PRELOAD);
    void launched.ended.then((code) => startAgain(launched, code));
    return launched;
  }

  let starting: Promise<void> = Promise.resolve();
  function startAgain(ended: AppProcess, code: number | null): Promise<void> {
    starting = (async () => {
      earlier.push(ended);
      if (code !== 0) {
        const point = code === null ? await takePoint() : "crashed";
        options.onDeath({ name, at: Date.now(), point });
      }
      if (isHeld || isClosed) return;
      if (code !== null && code !== 0) await wait(START_AGAIN_MS);
      app = await launch();
    })();
    return starting;
  }

  async function takePoint(): Promise<string | null> {
    const file = path.join(faultsFolder, `${name} died`);
    const point = await readFile(file, "utf8").catch(() => null);
    await rm(file, { force: true });
    return point;
  }

  async function end(signal: NodeJS.Signals, given: { isHeld?: boolean } = {}): Promise<void> {
    isHeld = given.isHeld ?? false;
    await app.kill(signal);
    await starting;
  }

  async function release(): Promise<void> {
    if (!isHeld) return;
    isHeld = false;
    app = await launch();
  }

  return {
    name,
    role,
    url: app.url,
    app: () => app,
    async untilReady() {
      await starting;
      await untilReady(app);
    },
    end,
    release,
    async restart(changes) {
      env = { ...env, ...changes };
      if (isHeld) await release();
      else await end("SIGTERM");
      await untilReady(app);
    },
    async setClock(wrongByMs) {
      await writeFile(path.join(faultsFolder, `${name} clock`), String(wrongByMs));
    },
    outputs: () => [...earlier, app].map((each) => each.output()),
    async close() {
      isClosed = true;
      await app.kill("SIGKILL");
      await starting;
    },
  };
}

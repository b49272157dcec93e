// Loaded before the app by the harness (`node --import`): puts something behind the fault points, and
// a clock that can jump. A point is armed by a file of its name in FAULTS_FOLDER: the process that
// reaches it first removes the file and dies of it, on the spot, as of `kill -9`.
import diagnostics from "node:diagnostics_channel";
import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { FaultPoint } from "#app/platform/fault-point.server.ts";

const { FAULTS_FOLDER = "", FAULTS_NAME = "" } = process.env;
/** A request is written by then, and no answer of the local Pinterest is out. */
const REQUEST_IS_OUT_MS = 20;
const CLOCK_POLL_MS = 50;

function takeAway(name: string): boolean {
  try {
    unlinkSync(path.join(FAULTS_FOLDER, name));
    return true;
  } catch {
    return false;
  }
}

function die(point: string): void {
  writeFileSync(path.join(FAULTS_FOLDER, `${FAULTS_NAME} died`), point);
  process.kill(process.pid, "SIGKILL");
}

globalThis.pinrelayFaultPoint = (point: FaultPoint) => {
  if (takeAway(point)) die(point);
};

diagnostics.subscribe("undici:request:bodySent", (message) => {
  const { request } = message as { request: { path: string } };
  if (!request.path.includes("/events") || !takeAway("request sent")) return;
  setTimeout(() => die("request sent"), REQUEST_IS_OUT_MS);
});

/** The file `<name> clock` says by how many milliseconds the process's clock is wrong. */
function keepWrongClock(): void {
  const RealDate = Date;
  let wrongByMs = 0;
  const now = () => RealDate.now() + wrongByMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: [], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, key) => (key === "now" ? now : Reflect.get(target, key)),
    apply: () => new RealDate(now()).toString(),
  });
  setInterval(() => {
    try {
      wrongByMs = Number(readFileSync(path.join(FAULTS_FOLDER, `${FAULTS_NAME} clock`), "utf8"));
    } catch {
      wrongByMs = 0;
    }
  }, CLOCK_POLL_MS).unref();
}

keepWrongClock();

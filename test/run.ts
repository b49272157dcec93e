import { openScratch } from "#test/run/open-scratch.ts";
import { holdOutput } from "#test/run/run-command.ts";
import { createSuites, LANES, type Suite } from "#test/run/suites.ts";
import { addTallies, type Tally } from "#test/run/tally.ts";

/**
 * `npm test`: every check and every test, or the suites that are named. The last line says how many
 * passed and failed; one suite's failure does not stop the others.
 */
async function main(wanted: readonly string[]): Promise<number> {
  const suites = createSuites();
  const unknown = wanted.filter((name) => !Object.hasOwn(suites, name));
  if (unknown.length > 0) {
    const known = Object.keys(suites).join(", ");
    process.stderr.write(`No suite is called ${unknown.join(", ")}. There are: ${known}\n`);
    return 2;
  }
  const chosen = LANES.map((lane) =>
    lane.filter((name) => wanted.length === 0 || wanted.includes(name)),
  ).filter((lane) => lane.length > 0);
  const endScratch = openScratch();
  const run = chosen.length > 1 ? runHeld : runOpen;
  const tallies = await Promise.all(chosen.map((lane) => runLane(lane, suites, run)));
  const total = addTallies(tallies);
  process.stdout.write(summarise(total));
  endScratch({ isFailed: total.failures.length > 0 });
  return total.failures.length > 0 ? 1 : 0;
}

type RunSuite = (name: string, suite: Suite) => Promise<Tally>;

/** One suite after the other. */
async function runLane(
  names: readonly string[],
  suites: Record<string, Suite>,
  run: RunSuite,
): Promise<Tally> {
  const tallies: Tally[] = [];
  for (const name of names) {
    const suite = suites[name];
    if (suite !== undefined) tallies.push(await run(name, suite));
  }
  return addTallies(tallies);
}

function runOpen(name: string, suite: Suite): Promise<Tally> {
  process.stdout.write(`\n== ${name}\n`);
  return suite();
}

/** What two suites print at the same time nobody can read: each has its output in one piece, at its end. */
async function runHeld(name: string, suite: Suite): Promise<Tally> {
  process.stdout.write(`\n.. ${name} has begun\n`);
  const startedAt = performance.now();
  const { result, output } = await holdOutput(suite);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  process.stdout.write(`\n== ${name} (${seconds} s)\n`);
  process.stdout.write(output);
  return result;
}

function summarise({ passed, failures, skipped }: Tally): string {
  const skips = skipped.length > 0 ? `, ${skipped.length} skipped` : "";
  return [
    "",
    ...skipped.map(({ name, reason }) => `skipped: ${name} (${reason})`),
    ...failures.map((name) => `failed: ${name}`),
    `${passed} passed, ${failures.length} failed${skips}`,
    "",
  ].join("\n");
}

process.exitCode = await main(process.argv.slice(2));

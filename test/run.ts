import { createSuites } from "#test/run/suites.ts";
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
  const tallies: Tally[] = [];
  for (const [name, suite] of Object.entries(suites)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    process.stdout.write(`\n== ${name}\n`);
    tallies.push(await suite());
  }
  const total = addTallies(tallies);
  process.stdout.write(summarise(total));
  return total.failures.length > 0 ? 1 : 0;
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

// `npm run test:faults`: kills, cuts off and confuses a running installation in every way that is
// listed in cells.ts, and checks after each that nothing is lost and nothing is sent twice.
// `-- --cell <name> --seed <n>` runs those whose name has the text. `-- --plant` takes the defence away
// where a cell knows how, and expects it to fail. `-- --numbers [name …]` measures instead, with
// `--acks`, `--kills`, `--minutes` and `--per-second`.
import { parseArgs } from "node:util";
import type { Cell, CellResult } from "./cell.ts";
import { CELLS } from "./cells.ts";
import { type InstallationOptions, openInstallation } from "./installation.ts";
import { printNumbers } from "./numbers.ts";
import { type RunOptions, runCells } from "./run-cells.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cell: { type: "string" },
    kind: { type: "string", multiple: true },
    seed: { type: "string" },
    quick: { type: "boolean" },
    plant: { type: "boolean", default: false },
    list: { type: "boolean" },
    numbers: { type: "boolean" },
    acks: { type: "string", default: "20000" },
    kills: { type: "string", default: "10" },
    minutes: { type: "string", default: "2" },
    "per-second": { type: "string", default: "1000" },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const chosen = CELLS.filter(
  ({ name, kind, isQuick, plant }) =>
    (values.cell === undefined || name.includes(values.cell)) &&
    (values.kind === undefined || values.kind.includes(kind)) &&
    (!values.quick || isQuick) &&
    (!values.plant || plant),
);

function print({ name, faults, acknowledged, repeats, seconds }: CellResult): void {
  const end = faults.length === 0 ? "ok  " : "FAIL";
  console.log(`${end} ${name} (${acknowledged} acknowledged, ${repeats} repeated, ${seconds} s)`);
  for (const fault of faults) console.log(`       ${fault}`);
  if (faults.length > 0) {
    console.log(`       again: npm run test:faults -- --cell "${name}" --seed ${seed}`);
  }
}

const sizes = {
  seed,
  acks: Number(values.acks),
  kills: Number(values.kills),
  minutes: Number(values.minutes),
  perSecond: Number(values["per-second"]),
};

if (values.numbers) process.exitCode = (await printNumbers(positionals, sizes)) ? 0 : 1;
else if (values.list) for (const { kind, name } of chosen) console.log(`${kind}: ${name}`);
else if (chosen.length === 0) {
  console.error("No cell has that name; --list names them.");
  process.exitCode = 2;
} else {
  process.exitCode = (await runChosen()) ? 0 : 1;
}

async function runChosen(): Promise<boolean> {
  const able = chosen.filter(({ lack }) => lack === undefined);
  for (const { name, lack } of chosen) {
    if (lack !== undefined) console.log(`not run, since ${lack}: ${name}`);
  }
  console.log(`${able.length} cells, seed ${seed}`);
  const options = { seed, isPlanted: values.plant, onResult: print };
  const shared = able.filter(({ own }) => own === undefined);
  const alone = able.filter(({ own }) => own !== undefined);
  const runs = shared.length === 0 ? [] : [await runOn({}, shared, options)];
  for (const cell of alone) {
    runs.push(await runOn(cell.own ?? {}, [cell], options));
  }
  const results = runs.flatMap((run) => run.results);
  const deaths = runs.reduce((sum, run) => sum + run.deaths, 0);
  const failed = results.filter(({ faults }) => faults.length > 0);
  const acknowledged = results.reduce((sum, result) => sum + result.acknowledged, 0);
  console.log(
    `${results.length - failed.length} passed, ${failed.length} failed; ${acknowledged} webhooks acknowledged, ${deaths} processes killed, seed ${seed}`,
  );
  return values.plant ? failed.length === results.length : failed.length === 0;
}

/** Runs cells on an installation of these options, and leaves nothing of it, also when interrupted. */
async function runOn(
  options: InstallationOptions,
  cells: readonly Cell[],
  run: RunOptions,
): Promise<{ results: CellResult[]; deaths: number }> {
  const installation = await openInstallation(options);
  const close = () => installation.close();
  const interrupt = () => void close().finally(() => process.exit(1));
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.once(signal, interrupt);
  try {
    const results = await runCells(installation, cells, run);
    return { results, deaths: installation.deaths.length };
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
    await close();
  }
}

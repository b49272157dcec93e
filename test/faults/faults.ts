// `npm run test:faults`: kills, cuts off and confuses a running installation in every way that is
// listed in cells.ts, and checks after each that nothing is lost and nothing is sent twice.
// `-- --cell <name> --seed <n>` runs those whose name has the text. `-- --numbers [name …]` measures
// instead, with `--acks`, `--kills`, `--minutes` and `--per-second`.
import { parseArgs } from "node:util";
import type { CellResult } from "./cell.ts";
import { CELLS } from "./cells.ts";
import { openInstallation } from "./installation.ts";
import { printNumbers } from "./numbers.ts";
import { runCells } from "./run-cells.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cell: { type: "string" },
    kind: { type: "string", multiple: true },
    seed: { type: "string" },
    quick: { type: "boolean" },
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
  ({ name, kind, isQuick }) =>
    (values.cell === undefined || name.includes(values.cell)) &&
    (values.kind === undefined || values.kind.includes(kind)) &&
    (!values.quick || isQuick),
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
  console.log(`${chosen.length} cells, seed ${seed}`);
  const installation = await openInstallation();
  const close = () => installation.close();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void close().finally(() => process.exit(1)));
  }
  try {
    const results = await runCells(installation, chosen, { seed, onResult: print });
    const failed = results.filter(({ faults }) => faults.length > 0);
    const acknowledged = results.reduce((sum, result) => sum + result.acknowledged, 0);
    console.log(
      `${results.length - failed.length} passed, ${failed.length} failed; ${acknowledged} webhooks acknowledged, ${installation.deaths.length} processes killed, seed ${seed}`,
    );
    process.exitCode = failed.length > 0 ? 1 : 0;
  } finally {
    await close();
  }
}

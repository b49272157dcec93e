import { openInstallation } from "#test/faults/installation.ts";
import { judge } from "#test/faults/invariants.ts";
import { observe } from "#test/faults/observation.ts";
import { openScene } from "#test/faults/scene.ts";

/**
 * A test of the harness: with `synchronous_commit=off` Postgres says "committed" before its disk
 * has it. What a crash takes with it must show, or the other cells prove nothing.
 */
export async function proveLossIsSeen(seed: number): Promise<string[]> {
  const installation = await openInstallation({
    webs: 1,
    workers: 1,
    postgres: { synchronous_commit: "off", wal_writer_delay: "10s" },
  });
  try {
    const scene = await openScene(installation, seed, { pauseMs: 5 });
    await scene.client.untilMore(300);
    await installation.endPostgres("SIGQUIT");
    await installation.startPostgres();
    await scene.client.untilMore(30);
    await scene.client.finish();
    const observed = await observe(installation, scene);
    await scene.client.close();
    return judge(observed);
  } finally {
    await installation.close();
  }
}

import { openInstallation } from "./installation.ts";
import { createOrderSource } from "./order-source.ts";
import { sendLoad } from "./load-client.ts";
import { quantile } from "./quantile.ts";
import { readCpuMs, readPostgresCpuMs, readRssMb } from "./process-usage.ts";
const n = Number(process.argv[2] ?? 8000), rounds = Number(process.argv[3] ?? 3);
const inst = await openInstallation();
try {
  const orders = createOrderSource(inst.config.SHOPIFY_API_SECRETS[0]);
  const app = await inst.startApp({ PINRELAY_ROLE: "web", ...(process.env.PROF ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=/tmp/prof` } : {}) });
  for (let r = 0; r < rounds; r++) {
    const requests = orders.sign(n, inst.shops).map(({ request }) => request);
    const c = await readCpuMs(app.pid), pc = await readPostgresCpuMs(inst.env), own = process.cpuUsage();
    const l = await sendLoad(requests, { url: app.url, connections: 128, deadlineMs: 100_000 });
    const o = process.cpuUsage(own);
    console.log(Math.round(n / l.seconds), "/s p50", quantile(l.latenciesMs, .5).toFixed(1), "p99", quantile(l.latenciesMs, .99).toFixed(1), "refused", l.refused, "app cpu/ev", ((await readCpuMs(app.pid)) - c) / n, "pg", ((await readPostgresCpuMs(inst.env)) - pc) / n, "client", (o.user + o.system) / 1000 / n, "rss", await readRssMb(app.pid));
  }
  const m = await (await fetch(`${app.url}/metrics`)).text();
  console.log(m.split("\n").filter((x) => /^ingest_batch_rows/.test(x)).join("\n"));
} finally { await inst.close(); }

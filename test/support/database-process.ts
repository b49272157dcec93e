// Opens the database of its environment as the app does, says so on stdout, and answers each
// SIGUSR1 with the number of shops. SIGTERM closes the database and ends the process.
import { openDatabase } from "#app/platform/db.server.ts";

const { DATABASE_URL, DATA_DIR = ".data" } = process.env;
const db = await openDatabase({ DATA_DIR, ...(DATABASE_URL !== undefined && { DATABASE_URL }) });
const stayAlive = setInterval(() => {}, 60_000);

process.on("SIGTERM", async () => {
  clearInterval(stayAlive);
  await db.close();
});
process.on("SIGUSR1", async () => {
  const { rows } = await db.pool.query("select count(*) as shops from shop");
  console.log(`shops ${rows[0].shops}`);
});
console.log("open");

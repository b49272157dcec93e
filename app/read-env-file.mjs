/**
 * Reads variables of the environment from `.env` in the current folder, which `shopify app env pull`
 * writes too. A variable that is set already stays. PINRELAY_ENV_FILE names another file; `none`
 * reads none. Plain JavaScript, loaded ahead of everything that reads the environment.
 */
// biome-ignore lint/style/noProcessEnv: it is read before the environment is parsed, which it adds to
const { PINRELAY_ENV_FILE: named } = process.env;
try {
  if (named !== "none") process.loadEnvFile(named ?? ".env");
} catch (error) {
  // Only a file that was asked for has to be there.
  if (error.code !== "ENOENT" || named !== undefined) throw error;
}

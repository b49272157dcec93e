/**
 * Reads variables of the environment from `.env` in the current folder, which `shopify app env pull`
 * writes too. A variable that is set already stays. PINRELAY_ENV_FILE names another file; `none`
 * reads none. Plain JavaScript, loaded ahead of everything that reads the environment.
 */
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";

const { env } = process;
const { PINRELAY_ENV_FILE: named } = env;
const file = named || ".env";
try {
  if (named !== "none") readVariables(readFileSync(file));
} catch (error) {
  // Only a file that was asked for has to be there.
  if (error.code !== "ENOENT" || named) {
    process.stderr.write(
      `The file of variables ${file} can't be read (${error.code}): mend it, or name another one by PINRELAY_ENV_FILE; none reads no file.\n`,
    );
    process.exit(1);
  }
}

/** Editors on Windows write a byte order mark, which would be a part of the first name. */
function readVariables(bytes) {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
  for (const [name, value] of Object.entries(parseEnv(text))) env[name] ??= value;
}

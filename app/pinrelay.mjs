#!/usr/bin/env node
import "./require-node.mjs";
import "./read-env-file.mjs";
import module from "node:module";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

/**
 * Starts the `pinrelay` command with what Node compiled last time: without it, two thirds of a short
 * command's time go into stripping types and compiling the same files again. This file is plain
 * JavaScript, because Node loads its type stripper for the first .ts file that is not kept.
 *
 * Kept in the project and not in the system's temporary folder, which all users can write to: what
 * lies there is run.
 */
// A command makes its garbage once: with room to grow, V8 would keep 50 MB more of it in a large batch.
setFlagsFromString("--semi-space-growth-factor=1");
module.enableCompileCache(
  fileURLToPath(new URL("../node_modules/.cache/pinrelay", import.meta.url)),
);
const { main } = await import("./cli.ts");
await main();

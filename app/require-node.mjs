/**
 * Ends a process on a Node that is too old, with one sentence: it would die of the first TypeScript
 * file otherwise, in words that name no version. Plain JavaScript that any Node can read; whatever
 * starts Pinrelay loads it first.
 */
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 12)) {
  process.stderr.write(
    `Pinrelay needs Node 24.12 or newer; this is ${process.versions.node}. Get it from https://nodejs.org\n`,
  );
  process.exit(1);
}

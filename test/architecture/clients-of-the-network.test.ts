import { expect, it } from "vitest";
import { listFiles, readText } from "./repository-files.ts";

/** What asks somebody outside: undici's request, the platform's fetch, Node's own clients, mail. */
const CLIENT =
  /import \{[^}]*\brequest\b[^}]*\} from "undici"|= fetch;|\bfetch\(|\bhttps?\.(get|request)\(|import\("nodemailer"\)/;
/** The command line's check of the way to Shopify, which has no database in hand. */
const COMMANDS = /^app\/commands\//;
const SCREENS = /^app\/admin\/.*(?<![.]server)[.]tsx?$/;

it("every client of the network refuses to ask while a connection to the database is held", () => {
  const clients = listFiles().filter(
    (file) =>
      /^app\/.*[.]tsx?$/.test(file) &&
      !COMMANDS.test(file) &&
      !SCREENS.test(file) &&
      CLIENT.test(readText(file)),
  );
  expect(clients.length).toBeGreaterThanOrEqual(4);
  expect(clients.filter((file) => !readText(file).includes("refuseWhileHolding("))).toEqual([]);
});

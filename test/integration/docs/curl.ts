import { parseArgs } from "node:util";

/**
 * As much of curl as the docs' examples need: posts `-d` with the `-H` headers, and prints the
 * answer. The app of the examples is somewhere else: API_URL stands for LOCAL_API_URL.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: "boolean", short: "s" },
    header: { type: "string", short: "H", multiple: true },
    data: { type: "string", short: "d" },
  },
});
const { API_URL = "", LOCAL_API_URL = "" } = process.env;
const headers = (values.header ?? []).map((line): [string, string] => {
  const [name = "", ...value] = line.split(":");
  return [name, value.join(":").trim()];
});
const response = await fetch((positionals[0] ?? "").replace(API_URL, LOCAL_API_URL), {
  method: values.data === undefined ? "GET" : "POST",
  headers,
  ...(values.data !== undefined && { body: values.data }),
});
process.stdout.write(await response.text());

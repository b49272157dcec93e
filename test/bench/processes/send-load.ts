// The load client in a process of its own: beside another load in one process, its requests would
// wait for those of the other.
import { type LoadOptions, sendLoad } from "../load-client.ts";

export interface LoadQuestion {
  requests: readonly Uint8Array[];
  options: LoadOptions;
}

process.on("message", async ({ requests, options }: LoadQuestion) => {
  process.send?.(await sendLoad(requests, options));
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

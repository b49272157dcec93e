/** Where an event without an ad account has none to name. */
const NO_ACCOUNT = "AD_ACCOUNT_ID";

/**
 * A test request for one event: Pinterest checks it and records nothing. The token is read from the
 * shell's environment, so that it stands in no history.
 */
export function writeCurl(apiUrl: string, adAccountId: string | null, json: string): string {
  const url = `${apiUrl}/ad_accounts/${adAccountId ?? NO_ACCOUNT}/events?test=true`;
  return [
    `curl -X POST ${quote(url)}`,
    `  -H "Authorization: Bearer $PINTEREST_TOKEN"`,
    `  -H 'Content-Type: application/json'`,
    `  -d ${quote(`{"data":[${json}]}`)}`,
  ].join(" \\\n");
}

/** For a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

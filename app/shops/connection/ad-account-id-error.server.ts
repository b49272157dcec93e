/** Pinterest has no ad account of that form, and its id would stand in the path of each request. */
export class AdAccountIdError extends Error {
  override name = "AdAccountIdError";
  code = "invalid_ad_account";
  constructor() {
    super("An ad account id is 1 to 18 digits, as Pinterest shows it.");
  }
}

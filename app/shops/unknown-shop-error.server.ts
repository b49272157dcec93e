/** The shop has never installed the app, or has uninstalled it. */
export class UnknownShopError extends Error {
  override name = "UnknownShopError";
  code = "unknown_shop";
  constructor(domain: string) {
    super(`${domain} has not installed the app.`);
  }
}

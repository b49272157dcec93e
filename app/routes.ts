import { flatRoutes } from "@remix-run/fs-routes";

/** Every file of app/routes is a page; its name is the page's address. */
export default flatRoutes();

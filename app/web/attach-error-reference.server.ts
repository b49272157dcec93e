import type {
  ActionFunctionArgs,
  HandleErrorFunction,
  LoaderFunctionArgs,
  ServerBuild,
} from "@remix-run/server-runtime";

type Args = LoaderFunctionArgs & ActionFunctionArgs;
type Handler = (args: Args) => unknown;
type Route = NonNullable<ServerBuild["routes"][string]>;

/**
 * Gives the reader of a page that failed the number under which the log has the failure. Remix hides
 * from a page what its loader threw; a thrown Response it hands on.
 */
export function attachErrorReference(build: ServerBuild): ServerBuild {
  const { handleError } = build.entry.module;
  const routes = Object.entries(build.routes).map(([id, route]) => [
    id,
    route && named(route, handleError),
  ]);
  return { ...build, routes: Object.fromEntries(routes) };
}

function named(route: Route, log: HandleErrorFunction | undefined): Route {
  const { loader, action } = route.module;
  const guarded = {
    ...route.module,
    ...(loader && { loader: guard(loader as Handler, log) }),
    ...(action && { action: guard(action as Handler, log) }),
  };
  return { ...route, module: guarded as Route["module"] };
}

function guard(handler: Handler, log: HandleErrorFunction | undefined): Handler {
  return async (args) => {
    try {
      return await handler(args);
    } catch (thrown) {
      if (thrown instanceof Response) throw thrown;
      log?.(thrown, args);
      throw Response.json({ reference: args.context.requestId }, { status: 500 });
    }
  };
}

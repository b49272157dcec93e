import type { MetaFunction } from "@remix-run/react";
import { Problem } from "#app/components/problem.tsx";
import { problemOf } from "#app/components/problem-of.ts";
import { StandalonePage } from "#app/components/standalone-page.tsx";

export const meta: MetaFunction = () => [{ title: "Not found · Pinrelay" }];

/** Every address that no other page has. Without it Remix would log a stack for each. */
export function loader() {
  return Response.json(null, { status: 404 });
}

export const action = loader;

export default function NotFound() {
  return (
    <StandalonePage>
      <Problem problem={problemOf(404)} />
    </StandalonePage>
  );
}

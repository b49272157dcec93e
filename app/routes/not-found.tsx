import type { MetaFunction } from "@remix-run/react";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { describeProblem, StandalonePage } from "#app/admin/shell/page.tsx";

export const meta: MetaFunction = () => [{ title: "Not found · Pinrelay" }];

/** Every address that no other page has. Without it Remix would log a stack for each. */
export const loader = () => Response.json(null, { status: 404 });
export const action = () => Response.json(null, { status: 404 });

export default function NotFound() {
  return (
    <StandalonePage>
      <NoticeView place="page" notice={describeProblem(404)} />
    </StandalonePage>
  );
}

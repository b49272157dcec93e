import type { ActionFunctionArgs } from "@remix-run/server-runtime";
import { answerTaskRequest } from "#app/tasks/http/answer-task-request.server.ts";

export function loader() {
  return new Response(null, { status: 405, headers: { Allow: "POST" } });
}

export async function action({ request, context }: ActionFunctionArgs) {
  return request.method === "POST" ? answerTaskRequest(context, request) : loader();
}

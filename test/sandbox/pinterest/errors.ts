import type { Answer } from "../local-server.ts";

/** Codes and texts of Pinterest's own examples, specification 5.23, and 4196 to 4197 of `events/create`. */
const ERRORS = {
  400: { code: 4196, message: "The request was invalid." },
  401: { code: 2, message: "Authentication failed." },
  403: { code: 29, message: "You are not permitted to access that resource." },
  404: { code: 50, message: "The requested resource was not found." },
  405: { code: 1, message: "Method not allowed." },
  422: { code: 4198, message: "Not all events were successfully processed." },
  429: { code: 8, message: "This request exceeded a rate limit. The rate limit resets shortly." },
  500: { code: 12, message: "Something went wrong on our end. Sorry about that." },
  503: { code: 4197, message: "This endpoint has been ramped down. Please try again later." },
} as const;

export type ErrorStatus = keyof typeof ERRORS;

/** An error in Pinterest's form, `{code, message}`. */
export function errorAnswer(status: ErrorStatus, message?: string): Answer {
  return { status, json: { ...ERRORS[status], ...(message ? { message } : {}) } };
}

/** A proxy's answer for a dead server: not JSON. */
export const BAD_GATEWAY: Answer = {
  status: 502,
  text: "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n",
};

import type { CommandConfig } from "./env.server.ts";

/** The reason why a process cannot start, in a sentence for the person who starts it. */
export class StartError extends Error {
  override name = "StartError";
  code = "not_started";
}

type Place = Pick<CommandConfig, "DATABASE_URL" | "DATA_DIR">;

/** Our own errors say what to do by themselves. */
const OUR_ERRORS = ["MigrationError", "TableBusyError", "EmbeddedPostgresError"];
/** Node's codes: no server answers under that name or port. */
const UNREACHABLE =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_\w+|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|EPIPE)$/;
/** Errors of pg that have no code. */
const CUT_OFF = /terminated|timeout/i;
const NO_TLS = /does not support SSL/;
const NO_PASSWORD = /client password must be/;
/** Codes of Node and OpenSSL: of the server's certificate, and of all else about TLS. */
const NOT_TRUSTED = /^(CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERROR_IN_CERT|ERR_TLS_CERT)/;
const TLS_FAILED = /^ERR_(TLS|SSL|OSSL)_/;
const TLS_ADVICE = '"TLS to a managed Postgres" in docs/deployment.md says which sslmode fits';

/** Describes why the database cannot be used, and what to do about it; null when unknown. */
export function describeDatabaseFault(error: unknown, place: Place): string | null {
  const { name = "", message = "", code, path } = error as Partial<NodeJS.ErrnoException>;
  if (OUR_ERRORS.includes(name)) return message;
  const where =
    place.DATABASE_URL === undefined ? `in ${place.DATA_DIR}` : "that DATABASE_URL names";
  const cannot = `The database ${where} cannot be used`;
  // A certificate or key for TLS could not be used; no connection was tried yet.
  if (path && place.DATABASE_URL?.includes(path)) {
    return `${cannot}: DATABASE_URL names a file that can't be read (${code}).`;
  }
  const sqlState = typeof code === "string" ? code : "";
  if (NO_TLS.test(message))
    return `${cannot}: it speaks no TLS, for which sslmode asks. ${TLS_ADVICE}.`;
  if (NOT_TRUSTED.test(sqlState)) {
    return `${cannot}: its TLS certificate is not trusted (${sqlState}). ${TLS_ADVICE}.`;
  }
  if (TLS_FAILED.test(sqlState)) {
    return `${cannot}: TLS to it failed (${sqlState}). Check that its port speaks Postgres with TLS 1.2 or later, and give sslcert and sslkey if it asks for a certificate of ours; ${TLS_ADVICE}.`;
  }
  if (NO_PASSWORD.test(message)) {
    return `${cannot}: it asks for a password, and DATABASE_URL has none: postgresql://user:password@host/name.`;
  }
  if (UNREACHABLE.test(sqlState) || (sqlState === "" && CUT_OFF.test(message))) {
    return `The database ${where} cannot be reached (${sqlState || message}): check host and port, and that Postgres runs.`;
  }
  switch (sqlState) {
    case "28P01":
    case "28000":
      return `${cannot}: ${message}. Check the user and the password in DATABASE_URL.`;
    case "3D000":
      return `${cannot}: ${message}. Create it first: create database <name>;`;
    case "42501":
      return `${cannot}: ${message}. Run as the database's owner: grant create on database <name> to <user>; grant usage, create on schema public to <user>;`;
    case "25006":
      return `${cannot}: it only reads (${message}). Name the primary in DATABASE_URL.`;
    case "53300":
      return `${cannot}: ${message}. Raise max_connections, or run fewer processes.`;
    case "57P03":
      return `${cannot}: ${message}. Start again in a moment.`;
    default:
      return /^[0-9A-Z]{5}$/.test(sqlState)
        ? `${cannot}: ${message} (SQLSTATE ${sqlState}).`
        : null;
  }
}

/** Describes why the server cannot listen there. */
export function describeListenFault(
  error: unknown,
  { PORT, HOST }: { PORT: number; HOST: string },
): string {
  const { code, message } = error as { code?: string; message: string };
  switch (code) {
    case "EADDRINUSE":
      return `Port ${PORT} of ${HOST} is taken by another process: stop that, or set PORT to another one.`;
    case "EACCES":
      return `Port ${PORT} may not be opened by this user: set PORT to one above 1023.`;
    default:
      return `HOST ${HOST} is no address of this machine (${code ?? message}): set it to one, such as 127.0.0.1 or 0.0.0.0.`;
  }
}

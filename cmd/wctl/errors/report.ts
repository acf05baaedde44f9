import { type StatusCause, StatusError } from "../../../api/errors.ts";
import { ConnectionError } from "../../../api/http/connection-error.ts";
import { type Paint, unpainted } from "../text/colour.ts";
import { plain } from "../text/plain.ts";
import { Exit, Failure } from "./failure.ts";

/** What the user reads about an error, in kubectl's words (kubectl `pkg/cmd/util/helpers.go`, checkErr), each ending its line. */
export function report(error: unknown, paint: Paint = unpainted): string {
  if (error instanceof AggregateError) return error.errors.map((one) => report(one, paint)).join("");
  if (error instanceof Failure) {
    return `${paint("red", `${error.label}:`)} ${plain(error.message)}\n${error.hint ? `${plain(error.hint)}\n` : ""}`;
  }
  if (error instanceof StatusError) return `${statusText(error, paint)}\n`;
  return `${paint("red", "error:")} ${plain(error instanceof Error ? error.message : String(error))}\n`;
}

/** kubectl's: 1 for errors, unless the error says otherwise; of several the largest. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Exit) return error.exitCode;
  if (error instanceof AggregateError) return Math.max(1, ...error.errors.map(exitCodeOf));
  return error instanceof Failure ? error.exitCode : 1;
}

/** For `-v 8` and WCTL_DEBUG=1: where it comes from, causes included. */
export function stackOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(stackOf).join("");
  if (!(error instanceof Error)) return "";
  const cause = error.cause === undefined ? "" : `caused by: ${stackOf(error.cause) || String(error.cause)}`;
  return `${error.stack ?? error.message}\n${cause}`;
}

function statusText(error: StatusError, paint: Paint): string {
  if (error instanceof ConnectionError) return connectionText(plain(error.message));
  if (error.reason === "Unauthorized")
    return `${paint("red", "error:")} You must be logged in to the server (${plain(error.message)})`;
  if (error.reason === "Invalid" && error.details) return plain(invalidText(error));
  return `${paint("red", `Error from server (${error.reason}):`)} ${plain(error.message)}`;
}

const connectionText = (message: string): string =>
  message.includes("was refused") ? `${message}\nIs the daemon running? Start it with: wctl daemon` : message;

function invalidText({ message, details }: StatusError): string {
  const { kind = "", name = "", causes = [] } = details!;
  const what = kind || name ? `The ${kind} "${name}" is invalid` : "The request is invalid";
  if (causes.length === 0) return `${what}: ${message}`;
  const lines = causes.map(causeText);
  return lines.length === 1 ? `${what}: ${lines[0]}` : `${what}:\n${lines.map((text) => `* ${text}`).join("\n")}`;
}

const causeText = ({ field, message }: StatusCause): string => (field ? `${field}: ${message}` : message);

import { type StatusCause, StatusError } from "../../../api/errors.ts";
import { ConnectionError } from "../../../api/http/connection-error.ts";
import { NoServerKnown } from "../../../api/kubeconfig/kubeconfig.ts";
import { type NoAnswer, noAnswerLines } from "../no-answer/no-answer.ts";
import { type Paint, unpainted } from "../text/colour.ts";
import { plain, plainLine } from "../text/plain.ts";
import { Exit, Failure } from "./failure.ts";

/** No daemon has answered, as far as an error tells; of several errors any. */
export const isUnanswered = (error: unknown): boolean =>
  error instanceof AggregateError
    ? error.errors.some(isUnanswered)
    : error instanceof ConnectionError || error instanceof NoServerKnown;

/**
 * What the user reads about an error, in kubectl's words (kubectl `pkg/cmd/util/helpers.go`, checkErr), each ending its line. `why`: what is known of a
 * daemon that has not answered.
 */
export function report(error: unknown, paint: Paint = unpainted, why?: NoAnswer): string {
  if (error instanceof AggregateError) return error.errors.map((one) => report(one, paint, why)).join("");
  if (error instanceof Failure) {
    return `${paint("red", `${error.label}:`)} ${plain(error.message)}\n${error.hint ? `${plain(error.hint)}\n` : ""}`;
  }
  if (error instanceof ConnectionError) return `${connectionText(plain(error.message), why)}\n`;
  if (error instanceof StatusError) return `${statusText(error, paint)}\n`;
  const more = why && error instanceof NoServerKnown ? `${noAnswerLines(why).join("\n")}\n` : "";
  return `${paint("red", "error:")} ${plain(error instanceof Error ? error.message : String(error))}\n${more}`;
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
  if (error.reason === "Unauthorized")
    return `${paint("red", "error:")} You must be logged in to the server (${plain(error.message)})`;
  if (error.reason === "Invalid" && error.details) return plain(invalidText(error));
  return `${paint("red", `Error from server (${plainLine(error.reason)}):`)} ${plain(error.message)}`;
}

function connectionText(message: string, why: NoAnswer | undefined): string {
  if (why) return [message, ...noAnswerLines(why)].join("\n");
  return message.includes("was refused") ? `${message}\nIs the daemon running? Start it with: wctl daemon` : message;
}

function invalidText({ message, details }: StatusError): string {
  const { kind = "", name = "", causes = [] } = details!;
  const what = kind || name ? `The ${kind} "${name}" is invalid` : "The request is invalid";
  if (causes.length === 0) return `${what}: ${message}`;
  const lines = causes.map(causeText);
  return lines.length === 1 ? `${what}: ${lines[0]}` : `${what}:\n${lines.map((text) => `* ${text}`).join("\n")}`;
}

const causeText = ({ field, message }: StatusCause): string => (field ? `${field}: ${message}` : message);

import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { codeOf, noSuchResource, type Reason, type Status, StatusError } from "../errors.ts";
import { connectionError } from "./connection-error.ts";
import type { HttpAnswer } from "./transport.ts";

/** The largest answer that is read, unpacked; a list beyond it wants `limit` or a selector. */
const MAX_RESPONSE_BYTES = 128 * 1024 * 1024;

/** The body, unpacked, in the pieces it comes in. Rejects with ConnectionError when the connection breaks. */
export async function* bodyOf(response: HttpAnswer, server: URL, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  const plain = unpacked(response);
  try {
    for await (const chunk of plain) yield chunk;
  } catch (error) {
    signal?.throwIfAborted();
    throw connectionError(server, error);
  } finally {
    // The connection is kept for the next request only when the body was read to its end.
    if (!response.complete) response.destroy();
  }
}

function unpacked(response: HttpAnswer): AsyncIterable<Uint8Array> {
  if (response.headers["content-encoding"] !== "gzip") return response;
  const { createGunzip } = process.getBuiltinModule("node:zlib");
  const { pipeline } = process.getBuiltinModule("node:stream");
  return pipeline(response, createGunzip(), () => {}); // Whoever reads it is told what went wrong.
}

/** The whole body as text. */
export async function readText(response: HttpAnswer, server: URL, signal?: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const limit = response.statusCode === undefined || response.statusCode < 400 ? MAX_RESPONSE_BYTES : 1024 * 1024;
  for await (const chunk of bodyOf(response, server, signal)) {
    size += chunk.byteLength;
    if (size > limit) throw new StatusError("InternalError", `the server's answer is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A refused request as a StatusError, also when what answered does not speak the protocol (a proxy, some other server). */
export function refusal(code: number, text: string): StatusError {
  const status = parsed(text) as Partial<Status> | undefined;
  if (status?.kind === "Status" && typeof status.message === "string")
    return StatusError.fromStatus({ code, ...status });
  // A Kubernetes API server says it so of what it does not serve, as where our kinds are not installed.
  if (text.trimEnd() === "404 page not found") return noSuchResource();
  const reason = (Object.keys(codeOf) as Reason[]).find((one) => codeOf[one] === code) ?? "InternalError";
  const excerpt = text
    .slice(0, 200)
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
  const message =
    code >= 500 || code < 400
      ? `an error on the server (${JSON.stringify(excerpt || `HTTP ${code}`)}) has prevented the request from succeeding`
      : `the server answered with HTTP ${code}${excerpt && `: ${JSON.stringify(excerpt)}`}`;
  return new StatusError(reason, message, { code });
}

/** JSON of a successful answer. */
export function answer(text: string, server: URL): JsonObject {
  const value = parsed(text);
  if (isObject(value)) return value;
  throw new StatusError(
    "InternalError",
    `what answers at ${server.origin} is not an API server: its answer is not a JSON object`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The texts of `Warning: 299 - "…"` headers (RFC 7234, section 5.5), several in one line or not. */
export function warningsOf(response: HttpAnswer): string[] {
  const header = response.headersDistinct.warning?.join(", ") ?? "";
  return [...header.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text.replace(/\\(.)/g, "$1"));
}

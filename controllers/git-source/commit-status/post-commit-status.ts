import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { httpsRequest } from "../../../git/transport/https-request.ts";
import { isObject } from "../../../lib/json-object.ts";
import { Masker } from "../../../lib/masker.ts";
import { oneLine } from "../../../lib/one-line.ts";
import { type CommitStatus, type StatusRequest, statusRequest } from "./status-request.ts";

export type PostOutcome =
  | { posted: true }
  /** `worthRetrying`: it may be taken later although nobody changes anything. */
  | { posted: false; problem: string; worthRetrying: boolean };

/** Those that keep the method: what is POSTed must not become a GET. */
const REDIRECTS = new Set([307, 308]);
const MOST_REDIRECTS = 3;
/** Of an answer, whose message is shown. */
const MOST_BYTES = 64 * 1024;
const LONGEST_MESSAGE = 200;

/**
 * Tells the server of the repository what became of a commit. A redirect is followed on the same host only, and the token is in nothing that is
 * returned. Rejects only when `signal` aborts.
 */
export async function postCommitStatus(status: CommitStatus, signal: AbortSignal): Promise<PostOutcome> {
  signal.throwIfAborted();
  const request = statusRequest(status);
  if (typeof request === "string") return { posted: false, problem: request, worthRetrying: false };
  const masker = new Masker([status.token, ...(status.secrets ?? [])]);
  const refused = (problem: string, worthRetrying: boolean): PostOutcome => ({
    posted: false,
    problem: masker.mask(problem),
    worthRetrying,
  });
  const { host } = request.url;
  try {
    for (let { url } = request, redirects = 0; ; redirects++) {
      const { code, location, text, isTooFast } = await ask({ ...request, url }, status, signal);
      if (isGood(code)) return { posted: true };
      if (code < 300 || code >= 400) {
        const advised = isTooFast ? "; it takes no more for a while" : advice(code);
        return refused(said(host, code, text) + advised, code >= 500 || code === 408 || isTooFast);
      }
      const next = REDIRECTS.has(code) ? sameOrigin(url, location) : undefined;
      if (!next || redirects === MOST_REDIRECTS) return refused(movedTo(host, code, url, location), false);
      url = next;
    }
  } catch (error) {
    signal.throwIfAborted();
    return refused(
      `the commit status cannot be sent to ${host}: ${oneLine((error as Error).message, LONGEST_MESSAGE)}`,
      true,
    );
  }
}

interface Answer {
  code: number;
  location: string | undefined;
  /** Its beginning; nothing of one that is good, however long the rest would take. */
  text: string;
  isTooFast: boolean;
}

const isGood = (code: number): boolean => code >= 200 && code < 300;

/** GitHub says so by 403, too: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api. */
const saysTooFast = (code: number, headers: IncomingHttpHeaders): boolean =>
  code === 429 || (code === 403 && (headers["retry-after"] !== undefined || headers["x-ratelimit-remaining"] === "0"));

async function ask(
  { url, headers, body }: StatusRequest,
  { ca, proxy }: CommitStatus,
  signal: AbortSignal,
): Promise<Answer> {
  const answer = await httpsRequest(url, {
    method: "POST",
    headers: { Accept: "application/json", ...headers, "Content-Type": "application/json" },
    body: Buffer.from(body),
    signal,
    via: { ...(ca === undefined ? {} : { ca }), ...(proxy === undefined ? {} : { proxy }) },
  });
  const { statusCode: code = 0, headers: received } = answer;
  if (isGood(code)) answer.destroy();
  const text = isGood(code) ? "" : await beginningOf(answer);
  return { code, location: received.location, text, isTooFast: saysTooFast(code, received) };
}

async function beginningOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_BYTES) break;
  }
  return Buffer.concat(chunks).toString();
}

function sameOrigin(from: URL, location: string | undefined): URL | undefined {
  const to = location !== undefined && URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  return to?.origin === from.origin && to.username === "" && to.password === "" ? to : undefined;
}

function movedTo(host: string, code: number, from: URL, location: string | undefined): string {
  const to = location !== undefined && URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  const where = to ? ` to ${to.protocol}//${to.host}` : "";
  return `${host} answers ${code} and redirects${where}, which is not followed: put the URL of its API into spec.commitStatus.url`;
}

function said(host: string, code: number, text: string): string {
  const message = messageIn(text);
  return `${host} answers ${code} to the commit status${message && `: ${message}`}`;
}

function advice(code: number): string {
  if (code === 401 || code === 403)
    return "; look at the token of spec.commitStatus.secretRef, and at what it may write";
  if (code === 404)
    return "; there is no such project or commit, or the token of spec.commitStatus.secretRef may not see it";
  return "";
}

/** All three answer with a JSON object; whatever else it is, a proxy has answered. */
function messageIn(text: string): string {
  try {
    const answer: unknown = JSON.parse(text);
    const message = isObject(answer) ? (answer.message ?? answer.error) : undefined;
    return message === undefined
      ? ""
      : oneLine(typeof message === "string" ? message : JSON.stringify(message), LONGEST_MESSAGE);
  } catch {
    return "";
  }
}

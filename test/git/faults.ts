import { gzipSync } from "node:zlib";
import type { GitFailure } from "../../git/git-error.ts";
import { type Answer, cut, dripping, endless, type Fault, hanging, spoken, whole } from "./fault-proxy.ts";

/** Which answer is spoiled: the greeting and the list of refs before a commit is known, or its pack. */
export type Place = "greeting" | "list" | "pack";

export const everywhere: readonly Place[] = ["greeting", "list", "pack"];

export interface Row {
  fault: Fault;
  /** FetchFailed, when nothing is said. */
  reason?: GitFailure;
  message: RegExp;
  /** Else at every place. */
  at?: readonly Place[];
  /** It ends by its timeout only. */
  isSlow?: true;
}

const GARBLED = /does not answer as a git server|cannot be read/;
const LATE = /localhost did not answer in time$/;
const CUT_OFF = /^localhost cannot be reached: (aborted|socket hang up|read ECONNRESET)$/;
const BLOCK = 64 * 1024;
/** As long as such a line may be. */
const PROGRESS = `fff0\x02${"busy\n".repeat(0xffeb / 5)}`;

const headOf = (answer: Answer): number => whole(answer).indexOf("\r\n\r\n") + "\r\n\r\n".length;
const middleOf = (answer: Answer): number => headOf(answer) + answer.body.length / 2;
const half = ({ body, ...rest }: Answer): Answer => ({ ...rest, body: body.subarray(0, body.length / 2) });
const withHeaders = ({ headers, ...rest }: Answer, more: Record<string, string>): Answer => ({
  ...rest,
  headers: { ...headers, ...more },
});
const says =
  (status: number, text = ""): Fault =>
  (answer) => [whole({ ...answer, status, body: Buffer.from(text) })];

export const faults: Record<string, Row> = {
  "answers 401": { fault: says(401), reason: "AuthenticationFailed", message: /answers 401: look at the credentials/ },
  "answers 403": { fault: says(403), reason: "AuthenticationFailed", message: /answers 403: look at the credentials/ },
  "answers 404": { fault: says(404), message: /answers 404: there is no such repository/ },
  "answers 429": { fault: says(429), message: /answers 429$/ },
  "answers 500": { fault: says(500), message: /answers 500$/ },
  "answers 502 with a page": { fault: says(502, "<html>Bad gateway</html>"), message: /answers 502$/ },
  "answers 500 without end": {
    fault: () => endless("HTTP/1.1 500 Said\r\n\r\n", "x".repeat(BLOCK)),
    message: /answers 500$/,
  },
  "answers 204": { fault: says(204), message: /answers 204$/ },
  "answers with nothing": { fault: says(200), message: /ends before it is whole/, at: ["greeting", "list"] },
  "answers with no pack": {
    fault: says(200),
    reason: "RefNotFound",
    message: /does not have the commit/,
    at: ["pack"],
  },
  "redirects in a circle": {
    fault: (answer) => [whole(withHeaders({ ...answer, status: 302 }, { location: "/repo.git/info/refs" }))],
    message: /redirects again and again/,
  },
  "redirects to another host": {
    fault: (answer) => [whole(withHeaders({ ...answer, status: 307 }, { location: "https://127.0.0.1/x" }))],
    message: /redirects to https:\/\/127\.0\.0\.1, another host/,
  },
  "shows a page to sign in": { fault: says(200, "<html>Sign in</html>"), message: GARBLED },
  "refuses in git's words": {
    fault: says(200, "0020ERR the repository is locked"),
    message: /refuses to give the repository: the repository is locked/,
    at: ["greeting", "list"],
  },
  "ends at once": { fault: () => [], message: CUT_OFF },
  "is cut in the first line": { fault: (answer) => cut(whole(answer), 5), message: CUT_OFF },
  "is cut in the headers": { fault: (answer) => cut(whole(answer), headOf(answer) - 3), message: CUT_OFF },
  "is cut after the headers": { fault: (answer) => cut(whole(answer), headOf(answer)), message: CUT_OFF },
  "is cut in the middle": { fault: (answer) => cut(whole(answer), middleOf(answer)), message: CUT_OFF },
  "ends half a list in order": {
    fault: (answer) => [whole(half(answer))],
    message: /ends before it is whole/,
    at: ["greeting", "list"],
  },
  "ends half a list, of which it said no length": {
    fault: (answer) => [spoken(half(answer))],
    message: /ends before it is whole/,
    at: ["greeting", "list"],
  },
  "ends half a pack in order": { fault: (answer) => [whole(half(answer))], message: GARBLED, at: ["pack"] },
  "ends half a pack, of which it said no length": {
    fault: (answer) => [spoken(half(answer))],
    message: GARBLED,
    at: ["pack"],
  },
  "changes a byte of a pack": {
    fault: (answer) => {
      const body = Buffer.from(answer.body);
      const at = body.lastIndexOf("PACK") + 100;
      body[at] = body[at]! ^ 1;
      return [whole({ ...answer, body })];
    },
    reason: "RepositoryInvalid",
    message: /damaged pack/,
    at: ["pack"],
  },
  "sends less than it said": {
    fault: (answer) => [spoken(withHeaders(answer, { "content-length": "1000000" }))],
    message: CUT_OFF,
  },
  "sends more than it said": {
    fault: (answer) => [spoken(withHeaders(answer, { "content-length": "40" }))],
    message: /ends before it is whole|cannot be read/,
  },
  "ends in a chunk": {
    fault: (answer) => [
      spoken({ ...withHeaders(answer, { "transfer-encoding": "chunked" }), body: Buffer.from("ffff\r\n0000") }),
    ],
    message: CUT_OFF,
  },
  "has chunks of no length": {
    fault: (answer) => [
      spoken({ ...withHeaders(answer, { "transfer-encoding": "chunked" }), body: Buffer.from("many\r\n") }),
    ],
    message: CUT_OFF,
  },
  "packs what nobody asked it to": {
    fault: (answer) => [whole({ ...withHeaders(answer, { "content-encoding": "gzip" }), body: gzipSync(answer.body) })],
    message: GARBLED,
  },
  "speaks something else": { fault: () => ["SSH-2.0-OpenSSH_9.2\r\n"], message: /cannot be reached: Parse Error/ },
  "sends headers without end": {
    fault: () => endless("HTTP/1.1 200 OK\r\n", `x-a: ${"x".repeat(1000)}\r\n`),
    message: /cannot be reached: Parse Error: Header overflow/,
  },
  "sends hints without end": {
    fault: () => endless("", "HTTP/1.1 103 Early Hints\r\n\r\n"),
    message: LATE,
    isSlow: true,
  },
  "sends zeros without end": {
    fault: (answer) => endless(spoken(answer), Buffer.alloc(BLOCK)),
    reason: "LimitExceeded",
    message: /more than \d+ bytes/,
    at: ["greeting", "list"],
  },
  "sends progress without end": {
    fault: (answer) => endless(spoken({ ...answer, body: Buffer.from("0008NAK\n") }), PROGRESS),
    reason: "LimitExceeded",
    message: /more than \d+ bytes/,
    at: ["pack"],
  },
  "says nothing": { fault: (answer) => hanging(whole(answer), 0), message: LATE, isSlow: true },
  "stops in the headers": { fault: (answer) => hanging(whole(answer), 30), message: LATE, isSlow: true },
  "stops in the middle": { fault: (answer) => hanging(whole(answer), middleOf(answer)), message: LATE, isSlow: true },
  "sends a byte now and then": {
    fault: (answer) => dripping(whole(answer), headOf(answer)),
    message: LATE,
    isSlow: true,
  },
};

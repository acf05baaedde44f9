import type { HttpClient } from "isomorphic-git";
import { oneLine } from "../../lib/one-line.ts";
import { GitError } from "../git-error.ts";
import { joined } from "../transport/joined.ts";
import { FLUSH, pktLine, readSection } from "../transport/pkt-lines.ts";

const LIST_REFS = "0014command=ls-refs";
const SERVICE = "# service=";
const ERROR = "ERR ";
/** Of protocol 1 (gitprotocol-pack, "no-refs"). The library takes a list without this line for another protocol. */
const NO_REFS = Buffer.from(`${pktLine(`${"0".repeat(40)} capabilities^{}\0\n`)}${FLUSH}`);
/** Of what the server says. */
const LONGEST = 300;

/**
 * Lets the library see lists of refs only when they are whole. It takes the beginning of one for all of it, as when something on the way ends an answer in
 * order: a range of versions would lead to an older one then. Rejects with GitError.
 */
export const wholeLists = (http: HttpClient): HttpClient => ({
  request: async (request) => {
    const sent = request.body && (await joined(request.body));
    const answer = await http.request({ ...request, ...(sent && { body: once(sent) }) });
    const isList = sent === undefined || sent.toString("latin1", 0, LIST_REFS.length) === LIST_REFS;
    if (!isList) return answer;
    return { ...answer, body: once(wholeList(await joined(answer.body ?? []))) };
  },
});

/** An answer to a GET begins with a section that only says of which service it is. An empty repository's is answered as newer servers do it. */
function wholeList(list: Buffer): Buffer {
  const first = readSection(list);
  const isService = first?.lines[0]?.toString("latin1").startsWith(SERVICE);
  const section = isService ? readSection(first!.rest) : first;
  if (!section) throw stranger();
  const said = section.lines[0]?.toString("latin1") ?? "";
  if (said.startsWith(ERROR)) throw refused(said.slice(ERROR.length));
  // As for git, what comes after the end is of no account.
  if (section.isEnd) return isService && section.lines.length === 0 ? Buffer.concat([first!.raw, NO_REFS]) : list;
  throw new GitError(
    "FetchFailed",
    "the server's list of branches and tags ends before it is whole: look at what is between it and this host",
  );
}

const stranger = (): GitError =>
  new GitError("FetchFailed", "the server does not answer as a git server does: is spec.url the URL of a repository?");

const refused = (said: string): GitError =>
  new GitError("FetchFailed", `the server refuses to give the repository: ${oneLine(said, LONGEST)}`);

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

import { GitError } from "../git-error.ts";

export interface Commit {
  oid: string;
  tree: string;
  /** `Name <address> seconds zone`. */
  author: string;
  message: string;
  /** Armored: of ssh or OpenPGP. Several of them follow each other in it, as git itself reads them. */
  signature?: string;
  /** What is signed: the bytes of the commit without its `gpgsig` header. */
  payload: Uint8Array;
}

const SIGNATURE = "gpgsig ";
/** Of message and headers: it is handed to the daemon's own thread, and verified there. */
const LONGEST = 1024 * 1024;
const NEWLINE = 0x0a;
const BLANK = 0x20;

/** https://git-scm.com/docs/gitformat-signature: lines end in LF and in nothing else, and a line that begins with a blank goes on with the header before it. Throws GitError. */
export function parseCommit(oid: string, content: Uint8Array): Commit {
  if (content.length > LONGEST) throw new GitError("LimitExceeded", `the commit ${oid} has more than ${LONGEST} bytes`);
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const { headers, end } = headersOf(bytes);
  const headerOf = (name: string): Buffer | undefined =>
    headers.find((header) => header.toString("latin1", 0, name.length) === name)?.subarray(name.length, -1);
  const tree = /^tree ([0-9a-f]{40})\n$/.exec(headers[0]?.toString("latin1") ?? "")?.[1];
  const author = headerOf("author ");
  if (tree === undefined || author === undefined) throw new GitError("RepositoryInvalid", "a commit is damaged");
  const isSignature = (header: Buffer): boolean => header.toString("latin1", 0, SIGNATURE.length) === SIGNATURE;
  const signatures = headers.filter(isSignature).map(unfolded);
  const rest = headers.filter((header) => !isSignature(header));
  return {
    oid,
    tree,
    author: author.toString("utf8"),
    message: bytes.toString("utf8", Math.min(end + 1, bytes.length)),
    payload: Uint8Array.from(Buffer.concat([...rest, bytes.subarray(end)])),
    ...(signatures.length === 0 ? {} : { signature: signatures.join("\n") }),
  };
}

/** Each with the lines that belong to it, and its LF. `end`: where the empty line is that ends them. */
function headersOf(bytes: Buffer): { headers: Buffer[]; end: number } {
  const headers: Buffer[] = [];
  let at = 0;
  while (at < bytes.length && bytes[at] !== NEWLINE) {
    let next = endOfLine(bytes, at);
    while (bytes[next] === BLANK) next = endOfLine(bytes, next);
    headers.push(bytes.subarray(at, next));
    at = next;
  }
  return { headers, end: at };
}

function endOfLine(bytes: Buffer, from: number): number {
  const newline = bytes.indexOf(NEWLINE, from);
  if (newline < 0) throw new GitError("RepositoryInvalid", "a commit is damaged: a header does not end");
  return newline + 1;
}

const unfolded = (header: Buffer): string =>
  header.toString("latin1", SIGNATURE.length, header.length - 1).replaceAll("\n ", "\n");

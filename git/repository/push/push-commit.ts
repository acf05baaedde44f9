import { setImmediate } from "node:timers/promises";
import { type PromiseFsClient, push } from "isomorphic-git";
import { oneLine } from "../../../lib/one-line.ts";
import { GitError } from "../../git-error.ts";
import type { Transport } from "../../transport/transport.ts";
import { wholeLists } from "../whole-lists.ts";
import type { Change } from "./change.ts";

const NOTHING = "0".repeat(40);
const LONGEST = 300;
/** By git itself, in front of a reason that says less. */
const LOST_RACE = /^error: cannot lock ref /;
/** Lines of the server's that are kept: what it says first says why. */
const MOST_LINES = 5;

/**
 * Makes `ref` of the local copy, which is a commit on top of the change's parent, what the branch is at the server. The server takes it only while the branch
 * is what was read: nothing is ever forced. Rejects with GitError, or as the library does.
 */
export async function pushCommit(
  copy: { fs: PromiseFsClient; gitdir: string; ref: string },
  transport: Transport,
  { branch, parent = NOTHING }: Pick<Change, "branch" | "parent">,
): Promise<void> {
  const said: string[] = [];
  let isMoved = false;
  try {
    await push({
      ...copy,
      http: wholeLists(transport),
      url: transport.url,
      remote: "origin",
      remoteRef: `refs/heads/${branch}`,
      onPrePush: ({ remoteRef }) => {
        isMoved = (remoteRef.oid || NOTHING) !== parent;
        return !isMoved;
      },
      onMessage: (line) => void (said.length < MOST_LINES && said.push(line)),
    });
  } catch (error) {
    if (isMoved) throw moved(branch);
    await setImmediate(); // What the server said is handed out in turns of its own.
    throw refusal(error, branch, said);
  }
}

const moved = (branch: string): GitError =>
  new GitError(
    "PushRejected",
    `somebody else has pushed to ${JSON.stringify(branch)} meanwhile, and nothing of that is overwritten: try again`,
  );

function refusal(error: unknown, branch: string, said: readonly string[]): unknown {
  const { code, data } = error as { code?: string; data?: { result?: { refs?: Record<string, { error?: string }> } } };
  if (code !== "GitPushError") return error;
  const reason = data?.result?.refs?.[`refs/heads/${branch}`]?.error ?? "";
  if (/fetch first|non-fast-forward|incorrect old value/.test(reason) || said.some((line) => LOST_RACE.test(line)))
    return moved(branch);
  const words = oneLine([reason, ...said].filter((word) => word.trim() !== "").join("; "), LONGEST);
  return new GitError(
    "PushRejected",
    `the server does not take the push to ${JSON.stringify(branch)}: ${words || "it does not say why"}`,
  );
}

/** Talks to repositories, one at a time, in a thread of its own, which `git-thread.ts` starts: packs are unpacked here, which takes processor time and memory. */
import { rmSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import type { GitRef } from "../../api/git/git-ref.ts";
import type { Revision } from "../../api/git/revision.ts";
import { GitError, type GitFailure } from "../git-error.ts";
import { createTransport } from "../transport/create-transport.ts";
import type { GitRemote } from "../transport/transport.ts";
import { recoverCopy } from "./copy-swap.ts";
import type { Change, Tip } from "./push/change.ts";
import { type GitTree, Repository, type Wanted } from "./repository.ts";

export type Question = { timeoutMs: number } & (
  | { ask: "resolve"; remote: GitRemote; ref: GitRef | undefined }
  | { ask: "files"; remote: GitRemote | undefined; wanted: Wanted }
  | { ask: "tip"; remote: GitRemote; branch: string | undefined }
  | { ask: "push"; remote: GitRemote; change: Change }
);

/** `folder`: of the local copy of the repository that is asked. */
export type Asked = Question & { folder: string };

/** Ends the question that is being answered, with what was started for it: it is answered by a refusal. */
export type GiveUp = { ask: "giveUp" };

export type Answer =
  | { revision: Revision }
  | { tree: GitTree }
  | { tip: Tip }
  | { pushed: string }
  | { refused: { reason: GitFailure; message: string } };

/** Names of all refs, and what a pack weighs before it is unpacked. */
const MOST_REFS_BYTES = 32 * 1024 * 1024;

let givenUp = new AbortController();

parentPort?.on("message", async (message: Asked | GiveUp) => {
  if (message.ask === "giveUp") return givenUp.abort();
  parentPort?.postMessage(await answerTo(message));
});

async function answerTo(question: Asked): Promise<Answer> {
  try {
    return await answer(question);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return { refused: { reason: error.reason, message: error.message } };
  }
}

async function answer(question: Asked): Promise<Answer> {
  const { remote, timeoutMs, folder } = question;
  recoverCopy(folder);
  const sshFolder = `${folder}.ssh`;
  // The key of a session that was killed, which may have been the last one over ssh.
  rmSync(sshFolder, { recursive: true, force: true });
  const repository = new Repository(folder);
  givenUp = new AbortController();
  const signal = AbortSignal.any([givenUp.signal, AbortSignal.timeout(timeoutMs)]);
  const bytes = question.ask === "files" ? MOST_REFS_BYTES + question.wanted.limits.bytes : MOST_REFS_BYTES;
  const transport = remote && createTransport(remote, { bytes, signal }, sshFolder);
  try {
    if (question.ask === "resolve") return { revision: await repository.resolve(transport!, question.ref) };
    if (question.ask === "tip") return { tip: await repository.tip(transport!, question.branch) };
    if (question.ask === "push") return { pushed: await repository.push(transport!, question.change) };
    return { tree: await repository.files(question.wanted, transport) };
  } finally {
    await transport?.close();
  }
}

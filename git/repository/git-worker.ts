/** Talks to one repository in a thread of its own, which `git-thread.ts` starts: packs are unpacked here, which takes processor time and memory. */
import { parentPort, workerData } from "node:worker_threads";
import type { GitRef } from "../../api/git/git-ref.ts";
import type { Revision } from "../../api/git/revision.ts";
import { GitError, type GitFailure } from "../git-error.ts";
import { HttpsTransport } from "../transport/https-transport.ts";
import type { GitRemote } from "../transport/transport.ts";
import { type GitTree, Repository, type Wanted } from "./repository.ts";

export type Question = { timeoutMs: number } & (
  | { ask: "resolve"; remote: GitRemote; ref: GitRef | undefined }
  | { ask: "files"; remote: GitRemote | undefined; wanted: Wanted }
);

export type Answer = { revision: Revision } | { tree: GitTree } | { refused: { reason: GitFailure; message: string } };

/** Names of all refs, and what a pack weighs before it is unpacked. */
const MOST_REFS_BYTES = 32 * 1024 * 1024;

const { folder } = workerData as { folder: string };
const repository = new Repository(folder);

parentPort?.on("message", async (question: Question) => {
  parentPort?.postMessage(await answerTo(question));
});

async function answerTo(question: Question): Promise<Answer> {
  try {
    return await answer(question);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return { refused: { reason: error.reason, message: error.message } };
  }
}

async function answer(question: Question): Promise<Answer> {
  const { remote, timeoutMs } = question;
  const signal = AbortSignal.timeout(timeoutMs);
  const bytes = question.ask === "files" ? MOST_REFS_BYTES + question.wanted.limits.bytes : MOST_REFS_BYTES;
  const transport = remote && new HttpsTransport(remote, { bytes, signal });
  try {
    const url = remote?.url.text ?? "";
    if (question.ask === "resolve") return { revision: await repository.resolve(transport!, url, question.ref) };
    return { tree: await repository.files(question.wanted, transport && { transport, url }) };
  } finally {
    await transport?.close();
  }
}

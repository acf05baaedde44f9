import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GitPushing, GitThread, gitThreads } from "../../../../git/repository/git-thread.ts";
import type { Clock } from "../../../../lib/clock.ts";

/** Talks to one repository, over a copy in a folder that goes in the end, and on Ctrl-C: while ssh speaks, its key lies there. */
export async function withGit<T>(clock: Clock, act: (git: GitPushing) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "wctl-bootstrap-"));
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", removeNow);
  const threads = gitThreads(clock, 1, 1);
  const git = new GitThread(join(folder, "copy"), clock, threads, "wctl");
  try {
    return await act(git);
  } finally {
    git.close();
    threads.close();
    // Its thread ends in its own time.
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    process.off("exit", removeNow);
  }
}

import type { GlobalFlags } from "../../cmd/wctl/command/common-options.ts";
import type { Connection, Session } from "../../cmd/wctl/command/session.ts";
import { openSession } from "../../cmd/wctl/open-session.ts";
import { runWords } from "../cmd/wctl/run-words.ts";
import type { Ran } from "./daemon-under-test.ts";

/**
 * Gives a command line to the CLI as `main.ts` does, without a process of its own: that costs ten times what most answers cost. Only what the program
 * itself does (its streams, its signals, its end) needs the program.
 */
export async function verbInProcess(words: readonly string[], env: NodeJS.ProcessEnv, stdin = ""): Promise<Ran> {
  const ended = new AbortController();
  const alive = setInterval(() => {}, 2 ** 30); // As main.ts: the clock's timers keep no process running.
  const opened: Promise<Connection>[] = [];
  const open = (flags: GlobalFlags, warn: (line: string) => void): Session => {
    const session = openSession(flags, env, warn);
    return {
      ...session,
      open: () => {
        const connection = session.open();
        opened.push(connection);
        return connection;
      },
    };
  };
  try {
    const { code, out, err } = await runWords(words, open, {
      stdin,
      env: env as Record<string, string>,
      signal: ended.signal,
    });
    return { code, stdout: out, stderr: err };
  } finally {
    clearInterval(alive);
    ended.abort();
    for (const connection of await Promise.allSettled(opened))
      if (connection.status === "fulfilled") connection.value.client.close();
  }
}

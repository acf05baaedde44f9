import { gitFixture } from "./git-fixture.ts";

/** What a file shall be; null: gone. */
export type PushedFiles = Record<string, string | null>;

/** A repository behind HTTPS and basic authentication, as a test needs it that need not run where git is. */
export interface GitHost {
  url: string;
  /** PEM of its authority. */
  ca: string;
  /** Pushes, and resolves with the commit. */
  commit(files: PushedFiles): Promise<string>;
  /** Nobody is answered from now on. */
  goAway(): Promise<void>;
  close(): Promise<void>;
}

/** With the machine's own git. `credentials`: `user:password`. */
export async function openGitHost(credentials: string): Promise<GitHost> {
  const { repo, server, ca, close } = await gitFixture({ credentials });
  return {
    url: server.url("repo.git").text,
    ca,
    commit: async (files) =>
      repo.commit(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text ?? undefined]))),
    goAway: () => server.close(),
    close,
  };
}

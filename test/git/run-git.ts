import { execFileSync } from "node:child_process";

const people = ["AUTHOR", "COMMITTER"].flatMap((who) => [
  [`GIT_${who}_NAME`, "Test"],
  [`GIT_${who}_EMAIL`, "test@example.com"],
]);
/** Programs that would look after the repository behind each commit cost as much as the commit. */
const settings = ["-c", "gc.auto=0", "-c", "maintenance.auto=false"];

export interface GitInput {
  input?: string | Buffer;
  env?: Record<string, string>;
}

/** The machine's git in this folder, without the settings of whoever runs the tests. Returns what it printed. */
export function runGit(folder: string, args: readonly string[], { input = "", env = {} }: GitInput = {}): Buffer {
  return execFileSync("git", ["-C", folder, ...settings, ...args], {
    env: {
      PATH: process.env.PATH,
      HOME: "/nonexistent",
      GIT_CONFIG_NOSYSTEM: "1",
      ...Object.fromEntries(people),
      ...env,
    },
    input,
    stdio: ["pipe", "pipe", "inherit"],
    maxBuffer: 64 * 1024 * 1024,
  });
}

import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A repository that a test writes, with the machine's git; `bare` is what a server serves. */
export class GitRepo {
  readonly bare: string;
  readonly work: string;

  constructor(root: string, name = "repo.git") {
    this.bare = join(root, name);
    this.work = join(root, `${name}.work`);
    mkdirSync(root, { recursive: true });
    this.git("init", "--quiet", "--bare", "--initial-branch=main", this.bare);
    this.git("init", "--quiet", "--initial-branch=main", this.work);
  }

  /** Without the settings of whoever runs the tests. Returns what it printed. */
  git(...given: (string | { input?: string; env?: Record<string, string> })[]): string {
    const args = given.filter((one) => typeof one === "string");
    const besides = given.filter((one) => typeof one !== "string");
    const input = besides.map((one) => one.input ?? "").join("");
    const identity = { NAME: "Test", EMAIL: "test@example.com" };
    const env = {
      PATH: process.env.PATH,
      HOME: "/nonexistent",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: identity.NAME,
      GIT_AUTHOR_EMAIL: identity.EMAIL,
      GIT_COMMITTER_NAME: identity.NAME,
      GIT_COMMITTER_EMAIL: identity.EMAIL,
      ...Object.assign({}, ...besides.map((one) => one.env)),
    };
    const inside = args[0] === "init" ? [] : ["-C", this.work];
    const options = { env, input, encoding: "utf8" as const, stdio: ["pipe", "pipe", "inherit"] };
    return execFileSync("git", [...inside, ...args], options as ExecFileSyncOptionsWithStringEncoding).trim();
  }

  /** Undefined: the file goes. Pushes, and returns the commit. */
  commit(files: Record<string, string | undefined>, message = "a change"): string {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.work, path);
      if (text === undefined) rmSync(file, { recursive: true });
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    }
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "-m", message);
    return this.push();
  }

  /** A tree of lines as `git ls-tree` prints them, whatever they are. Returns its hash. */
  mktree(lines: readonly string[]): string {
    return this.git("mktree", "--missing", { input: lines.map((line) => `${line}\n`).join("") });
  }

  /** Makes a commit of this tree the branch main, and pushes it. */
  commitTree(tree: string): string {
    const commit = this.git("commit-tree", tree, "-m", "made by hand");
    this.git("push", "--quiet", "--force", this.bare, `${commit}:refs/heads/main`);
    return commit;
  }

  push(): string {
    this.git("push", "--quiet", "--force", this.bare, "HEAD:main");
    this.git("push", "--quiet", "--force", "--tags", this.bare);
    return this.git("rev-parse", "HEAD");
  }
}

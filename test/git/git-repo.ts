import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type GitInput, runGit } from "./run-git.ts";

/** Undefined: the file goes. */
export type FileChanges = Record<string, string | undefined>;

const IDENTITY = "Test <test@example.com>";

/** A repository that a server serves, and into which a test writes with the machine's git. */
export class GitRepo {
  readonly bare: string;
  /** What the next commit stands upon: the last of this test, wherever somebody else has led the branch meanwhile. */
  #tip: string | undefined;

  constructor(root: string, name = "repo.git") {
    this.bare = join(root, name);
    mkdirSync(root, { recursive: true });
    runGit(root, ["init", "--quiet", "--bare", "--template=", "--initial-branch=main", this.bare]);
  }

  /** Returns what it printed. */
  git(...given: (string | GitInput)[]): string {
    const args = given.filter((one) => typeof one === "string");
    const besides = given.filter((one) => typeof one !== "string");
    return runGit(this.bare, args, Object.assign({}, ...besides))
      .toString()
      .trim();
  }

  /** Makes a commit the branch main, as a push with force does, and returns its hash. */
  commit(files: FileChanges, message?: string): string {
    return this.commitEach([files], message)[0]!;
  }

  /** A commit on top of another, by a single program: programs are what a test of git costs. */
  commitEach(changes: readonly FileChanges[], message = "a change"): string[] {
    const commands = changes.map((files, at) => commandsOf(files, message, at === 0 ? this.#tip : undefined));
    const settings = ["-c", "fastimport.unpackLimit=1"];
    const options = ["--quiet", "--force", "--date-format=now", "--cat-blob-fd=1"];
    const commits = this.git(...settings, "fast-import", ...options, { input: Buffer.concat(commands) }).split("\n");
    this.#tip = commits.at(-1);
    return commits;
  }

  /** The next commit has no history, and only the files that it is given. */
  forgetHistory(): void {
    this.#tip = undefined;
  }

  /** A tree of lines as `git ls-tree` prints them, whatever they are. Returns its hash. */
  mktree(lines: readonly string[]): string {
    return this.git("mktree", "--missing", { input: lines.map((line) => `${line}\n`).join("") });
  }

  /** Makes a commit of this tree the branch main. */
  commitTree(tree: string): string {
    const commit = this.git("commit-tree", tree, "-m", "made by hand");
    this.git("update-ref", "refs/heads/main", commit);
    return commit;
  }
}

/** In the words of `git fast-import`, which then tells the hash. */
function commandsOf(files: FileChanges, message: string, parent: string | undefined): Buffer {
  const lines = ["commit refs/heads/main", "mark :1", `committer ${IDENTITY} now`, dataOf(`${message}\n`)];
  if (parent !== undefined) lines.push(`from ${parent}`);
  for (const [path, text] of Object.entries(files))
    lines.push(text === undefined ? `D ${path}` : `M 100644 inline ${path}\n${dataOf(text)}`);
  return Buffer.from(`${lines.join("\n")}\nget-mark :1\n`);
}

const dataOf = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}`;

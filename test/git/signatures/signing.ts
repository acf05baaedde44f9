import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Commit, parseCommit } from "../../../git/repository/commit.ts";
import { type GitInput, runGit } from "../run-git.ts";

const has = (program: string, option: string): boolean => spawnSync(program, [option]).error === undefined;

/** Why tests of real signatures can't run here, in words for the report. */
export const withoutSsh = !has("git", "--version") || !has("ssh-keygen", "-?") ? "needs git and ssh-keygen" : false;
export const withoutGpg = !has("git", "--version") || !has("gpg", "--version") ? "needs git and gpg" : false;

/** A repository in which people with keys of their own commit. */
export class Signing {
  readonly root = mkdtempSync(join(tmpdir(), "wctl-sign-"));
  readonly work = join(this.root, "work");

  constructor() {
    this.git(["init", "--quiet", "--template=", "--initial-branch=main", this.work], {}, this.root);
  }

  /** Ends the agent that gpg started, of this folder only. */
  close(): void {
    if (!withoutGpg) spawnSync("gpgconf", ["--homedir", this.root, "--kill", "all"]);
    rmSync(this.root, { recursive: true, force: true });
  }

  /** `args`: of ssh-keygen. Returns the path of the private key, and the line of the public one. */
  sshKey(name: string, ...args: string[]): { file: string; pub: string } {
    const file = join(this.root, name);
    execFileSync("ssh-keygen", ["-q", "-N", "", "-C", `${name}@example.com`, "-f", file, ...args]);
    return { file, pub: execFileSync("ssh-keygen", ["-y", "-f", file], { encoding: "utf8" }).trim() };
  }

  git(args: readonly string[], input: GitInput = {}, folder = this.work): Buffer {
    return runGit(folder, args, input);
  }

  gpg(args: readonly string[], input = ""): string {
    const all = [
      "--homedir",
      this.root,
      "--batch",
      "--yes",
      "--quiet",
      "--pinentry-mode=loopback",
      "--passphrase=",
      ...args,
    ];
    const { status, stdout, stderr } = spawnSync("gpg", all, { input, encoding: "utf8" });
    if (status !== 0) throw new Error(`gpg ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  /** As `gpg --quick-generate-key` has it. Returns its fingerprint. */
  gpgKey(user: string, algorithm: string, usage = "sign", expires = "never", ...args: string[]): string {
    this.gpg([...args, "--quick-generate-key", user, algorithm, usage, expires]);
    return this.gpg(["--with-colons", "--list-keys", user]).match(/^fpr:+([0-9A-F]{40}):/m)![1]!;
  }

  commitBySsh(file: string, message?: string, date?: string): Commit {
    return this.#commit(["-c", "gpg.format=ssh", "-c", `user.signingKey=${file}`], message, date);
  }

  /** `args`: of gpg, besides. */
  commitByGpg(key: string, args: readonly string[] = [], message?: string): Commit {
    const program = join(this.root, "gpg-here");
    const words = ["exec", "gpg", "--homedir", this.root, "--batch", "--pinentry-mode=loopback", ...args, '"$@"'];
    writeFileSync(program, `#!/bin/sh\n${words.join(" ")}\n`, { mode: 0o755 });
    return this.#commit(["-c", `gpg.program=${program}`, "-c", `user.signingKey=${key}`], message);
  }

  #commit(settings: readonly string[], message = "a change", date?: string): Commit {
    const env: Record<string, string> = date === undefined ? {} : { GIT_COMMITTER_DATE: date };
    const args = ["commit", "--quiet", "--allow-empty", "--gpg-sign", "-m", message];
    this.git([...settings, ...args], { env });
    return this.head();
  }

  head(): Commit {
    const said = this.git(["cat-file", "--batch"], { input: "HEAD\n" });
    const end = said.indexOf("\n");
    const [oid = "", , size] = said.toString("latin1", 0, end).split(" ");
    return parseCommit(oid, said.subarray(end + 1, end + 1 + Number(size)));
  }
}

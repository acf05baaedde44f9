import { join } from "node:path";
import type { Ran } from "../e2e/daemon-under-test.ts";
import type { FollowingDaemon } from "../e2e/git-source-cases.ts";
import { StoredObjects } from "../e2e/stored-objects.ts";
import { verbInProcess } from "../e2e/verb-in-process.ts";
import { DaemonProcess } from "./daemon-process.ts";

/** wctl.exe as a daemon, and the answers of verbs that are given to it. */
export class VerbsOfDaemon implements FollowingDaemon {
  readonly #daemon: DaemonProcess;
  readonly #objects = new StoredObjects();

  constructor(program: string, folder: string) {
    this.#daemon = new DaemonProcess(program, folder, ["--log-level", "info"]);
  }

  get dataDir(): string {
    return this.#daemon.dataDir;
  }

  get #kubeconfig(): string {
    return join(this.dataDir, "admin.kubeconfig");
  }

  async start(): Promise<void> {
    await this.#daemon.start();
  }

  async end(_signal: "SIGKILL"): Promise<void> {
    await this.#objects.close();
    await this.#daemon.kill();
  }

  wctl(...words: string[]): Promise<Ran> {
    return this.#verb(words);
  }

  async ok(...words: string[]): Promise<string> {
    return succeeded(words, await this.#verb(words));
  }

  async apply(yaml: string): Promise<string> {
    const words = ["apply", "-f", "-"];
    return succeeded(words, await this.#verb(words, yaml));
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests look at any field
  async json(...words: string[]): Promise<any> {
    return this.#objects.json(this.#kubeconfig, words);
  }

  /** Ends what it has started first; nothing follows a repository then. */
  async dispose(): Promise<void> {
    await this.ok("delete", "gitsources", "--all");
    await this.ok("delete", "processes", "--all");
    await this.end("SIGKILL");
  }

  #verb(words: readonly string[], input?: string): Promise<Ran> {
    return verbInProcess(words, { ...process.env, KUBECONFIG: this.#kubeconfig, NO_COLOR: "1" }, input);
  }
}

function succeeded(words: readonly string[], { code, stdout, stderr }: Ran): string {
  if (code !== 0) throw new Error(`wctl ${words.join(" ")} exited with ${code}: ${stderr}${stdout}`);
  return stdout;
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { HttpClient } from "../../api/http/http-client.ts";
import { loadKubeconfig, resolveKubeconfig } from "../../api/kubeconfig/kubeconfig.ts";
import { eventually } from "../eventually.ts";

/** wctl.exe as a daemon on one data directory, to be started and ended as often as one likes. */
export class DaemonProcess {
  readonly dataDir: string;
  readonly #program: string;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;
  #client: HttpClient | undefined;

  /** `folder` is there; the data go into `folder\data`. */
  constructor(program: string, folder: string, flags: readonly string[] = []) {
    this.dataDir = join(folder, "data");
    mkdirSync(this.dataDir, { recursive: true });
    this.#program = program;
    this.#flags = flags;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Of the running daemon; each has an address of its own. */
  get client(): HttpClient {
    if (!this.#client) throw new Error("the daemon does not run");
    return this.#client;
  }

  /** Resolves at the ready line. */
  async start(): Promise<void> {
    const args = ["daemon", "--data-dir", this.dataDir, "--listen", "127.0.0.1:0", "--log-level", "error"];
    const daemon = spawn(this.#program, [...args, ...this.#flags], { stdio: ["ignore", "pipe", "inherit"] });
    this.#process = daemon;
    let said = "";
    daemon.stdout.on("data", (text) => {
      said += text;
    });
    await eventually(() => {
      if (daemon.exitCode !== null) throw new Error(`the daemon ended with ${daemon.exitCode}`);
      return /^wctld ready /m.test(said);
    }, "the daemon is ready");
    const { config } = await loadKubeconfig({ path: join(this.dataDir, "admin.kubeconfig") });
    this.#client = new HttpClient(resolveKubeconfig(config).endpoint);
  }

  /** TerminateProcess: the daemon gets no chance to clean up. Its workloads go on. */
  async kill(): Promise<void> {
    const daemon = this.#process;
    this.#process = undefined;
    this.#client?.close();
    this.#client = undefined;
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const gone = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await gone;
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Endpoint } from "../../../api/http/transport.ts";
import { loadKubeconfig, resolveKubeconfig } from "../../../api/kubeconfig/kubeconfig.ts";
import { cpuSeconds } from "../process-cost.ts";

/** A daemon with no programs: what is measured is its API. */
export class ApiDaemon {
  readonly directory = mkdtempSync(join(tmpdir(), "wctl-bench-api-"));
  readonly dataDir = join(this.directory, "data");
  readonly kubeconfig = join(this.dataDir, "admin.kubeconfig");
  readonly #process: ChildProcess;

  private constructor(wctl: string) {
    const args = ["daemon", "--data-dir", this.dataDir, "--listen", "127.0.0.1:0", "--log-level", "error"];
    this.#process = spawn(wctl, args, { stdio: ["ignore", "pipe", "inherit"] });
  }

  /** Resolves when it is ready. */
  static async start(wctl: string): Promise<ApiDaemon> {
    const daemon = new ApiDaemon(wctl);
    let said = "";
    for await (const chunk of daemon.#process.stdout!) {
      said += chunk;
      if (/^wctld ready .*\n/m.test(said)) return daemon;
    }
    throw new Error(`the daemon ended before it was ready: ${said}`);
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    if (this.#process.kill("SIGTERM")) await ended;
    rmSync(this.directory, { recursive: true, force: true });
  }

  async endpoint(): Promise<Endpoint> {
    const { endpoint } = resolveKubeconfig((await loadKubeconfig({ path: this.kubeconfig })).config);
    return endpoint;
  }

  /** A file of its certificates, such as `server.key`: PEM. For a floor that has the same. */
  pki(name: string): string {
    return readFileSync(join(this.dataDir, "pki", name), "utf8");
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Milliseconds of processor time so far, all threads. */
  cpuMs(): number {
    return cpuSeconds(this.pid) * 1000;
  }

  rssMiB(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }
}

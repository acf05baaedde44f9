import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Load, type Programs, Supervisor } from "./supervisor.ts";

const AT_ONCE = { initialSeconds: 0, maxSeconds: 0, resetAfterSeconds: 0 };

export class Wctl extends Supervisor {
  readonly program: string;
  readonly manifests = join(this.directory, "manifests");
  #output = "";

  constructor(programs: Programs) {
    super(programs);
    this.program = programs.wctl;
    mkdirSync(this.manifests);
  }

  get dataDir(): string {
    return join(this.directory, "data");
  }

  /** For `wctl` commands. */
  get env(): NodeJS.ProcessEnv {
    return { ...process.env, KUBECONFIG: join(this.dataDir, "admin.kubeconfig"), NO_COLOR: "1" };
  }

  /** The ready line's address, once it is there. */
  get url(): string | undefined {
    return /^wctld ready (\S+)/m.exec(this.#output)?.[1];
  }

  manifest(index: number, { firstPort, args = ["pause"], backoff = AT_ONCE }: Load, label = "first"): string {
    const served = firstPort === undefined ? args : ["serve", String(firstPort + index)];
    const probe = { httpGet: { port: (firstPort ?? 0) + index, host: "127.0.0.1" }, periodSeconds: 10 };
    // As people write it.
    return stringify({
      apiVersion: "wctl.dev/v1",
      kind: "Process",
      metadata: { name: `c${index}`, namespace: "default" },
      spec: {
        command: this.child,
        args: served,
        env: [
          { name: "BENCH_LEDGER", value: this.ledger.path },
          { name: "BENCH_ID", value: `c${index}` },
          { name: "BENCH_LABEL", value: label },
        ],
        backoff,
        logs: { maxSize: "1Gi", maxFiles: 2 },
        stop: { gracePeriodSeconds: 1 },
        ...(firstPort === undefined ? {} : { livenessProbe: probe }),
      },
    });
  }

  protected prepare(load: Load): void {
    for (let index = 0; index < load.count; index += 1) {
      writeFileSync(join(this.manifests, `c${index}.yaml`), this.manifest(index, load));
    }
  }

  protected launch(): ChildProcess {
    const args = ["daemon", "--data-dir", this.dataDir, "--listen", "127.0.0.1:0", "--manifests", this.manifests];
    const daemon = spawn(this.program, [...args, "--log-level", "error"], { stdio: ["ignore", "pipe", "inherit"] });
    daemon.stdout.on("data", (text) => {
      this.#output += text;
    });
    return daemon;
  }

  protected end(supervisor: ChildProcess): void {
    supervisor.kill("SIGTERM");
  }
}

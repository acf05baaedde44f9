import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { Ledger } from "./ledger.ts";
import { cpuSeconds, family, pssMiB } from "./process-cost.ts";

export interface Programs {
  /** The compiled child.c. */
  child: string;
  /** floor-node as JavaScript, so that it does not pay for its types at start-up. */
  floor: string;
  /** build/wctl. */
  wctl: string;
  /** Another build of it, to be measured in the same rounds. */
  before?: string;
}

export interface Load {
  count: number;
  /** Children listen on this port and the following ones, and are probed every ten seconds. */
  firstPort?: number;
  /** Instead of `pause`. */
  args?: string[];
  /** Instead of none: the bench measures wctl, not its patience. */
  backoff?: { initialSeconds: number; maxSeconds: number; resetAfterSeconds: number };
}

const AT_ONCE = { initialSeconds: 0, maxSeconds: 0, resetAfterSeconds: 0 };

/** A supervisor with its children, and the ledger they write. */
export abstract class Supervisor {
  readonly directory = mkdtempSync(join(tmpdir(), "wctl-bench-"));
  readonly ledger: Ledger;
  readonly child: string;
  protected process: ChildProcess | undefined;
  launchedAt = 0n;

  constructor({ child }: Programs) {
    // The children may be another user's.
    mkdirSync(join(this.directory, "open"), { mode: 0o755 });
    chmodSync(this.directory, 0o755);
    this.ledger = new Ledger(join(this.directory, "open/ledger"));
    this.child = child;
  }

  get pid(): number {
    return this.process!.pid!;
  }

  /** Launches it and resolves when every child has been started. `launchedAt` is the moment before the launch. */
  async start(load: Load): Promise<void> {
    this.prepare(load);
    this.launchedAt = process.hrtime.bigint();
    const supervisor = this.launch(load);
    this.process = supervisor;
    const gone = once(supervisor, "exit").then(([code, signal]) => {
      throw new Error(`the supervisor ended with ${code ?? signal} before its children were started`);
    });
    await Promise.race([gone, this.ledger.next(0, load.count, 20_000 + 40 * load.count)]);
    gone.catch(() => {});
  }

  cpuSeconds(): number {
    return sum(this.#family(), cpuSeconds);
  }

  pssMiB(): number {
    return sum(this.#family(), pssMiB);
  }

  async stop(): Promise<void> {
    const supervisor = this.process;
    if (supervisor && supervisor.exitCode === null && supervisor.signalCode === null) {
      const ended = once(supervisor, "exit");
      this.end(supervisor);
      await ended;
    }
    for (const pid of this.ledger.pids().values()) if (isRunning(pid, this.child)) process.kill(pid, "SIGKILL");
    this.ledger.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  protected abstract prepare(load: Load): void;
  protected abstract launch(load: Load): ChildProcess;
  protected abstract end(supervisor: ChildProcess): void;

  #family(): number[] {
    return family(this.pid, (command) => command === this.child);
  }
}

export class FloorNode extends Supervisor {
  readonly #floor: string;

  constructor(programs: Programs) {
    super(programs);
    this.#floor = programs.floor;
  }

  protected prepare(): void {}

  protected launch({ count, firstPort }: Load): ChildProcess {
    const ports = firstPort === undefined ? [] : [String(firstPort)];
    const env = { ...process.env, BENCH_LEDGER: this.ledger.path };
    return spawn(process.execPath, [this.#floor, String(count), this.child, ...ports], { env, stdio: "inherit" });
  }

  protected end(supervisor: ChildProcess): void {
    supervisor.kill("SIGKILL");
  }
}

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

function isRunning(pid: number, program: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === program;
  } catch {
    return false;
  }
}

const sum = (pids: number[], cost: (pid: number) => number): number =>
  pids.reduce((total, pid) => total + cost(pid), 0);

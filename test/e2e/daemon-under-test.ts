import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StatusError } from "../../api/errors.ts";
import { HttpClient } from "../../api/http/http-client.ts";
import type { Endpoint } from "../../api/http/transport.ts";
import { loadKubeconfig, resolveKubeconfig } from "../../api/kubeconfig/kubeconfig.ts";
import { eventually as patiently } from "../eventually.ts";
import { StoredObjects } from "./stored-objects.ts";
import { verbInProcess } from "./verb-in-process.ts";

/** The built executable: end-to-end tests run what users run. */
export const wctlPath = join(import.meta.dirname, "../../build/wctl");

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; never through a shell. */
export function run(
  file: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; input?: string; cwd?: string } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: options.env ?? process.env,
      ...(options.cwd ? { cwd: options.cwd } : {}),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on("error", () => {}); // it may end before it has read everything
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
    child.stdin.end(options.input ?? "");
  });
}

/** As `eventually` of all tests, and a look that fails is one that did not see it yet: what it last saw, or failed with, is told in the end. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  let last: unknown;
  const tolerant = async (): Promise<T | undefined | false> => {
    try {
      const seen = await look();
      last = seen;
      return seen;
    } catch (error) {
      last = error instanceof Error ? error.message : error;
      return undefined;
    }
  };
  return patiently(tolerant, what).catch((cause: Error) => {
    throw new Error(`${cause.message}; last: ${JSON.stringify(last)}`, { cause });
  });
}

/** One data directory, and the daemon on it while it runs. */
export class DaemonUnderTest {
  readonly dir: string;
  readonly dataDir: string;
  readonly #args: readonly string[];
  /** A program and its arguments that the daemon is started through; it must exec it in place. */
  readonly #through: readonly string[];
  readonly #objects = new StoredObjects();
  #child: ChildProcess | undefined;
  #leavesWorkloads = false;
  #stdout = "";
  stderr = "";

  private constructor(args: readonly string[], through: readonly string[] = []) {
    this.dir = mkdtempSync(join(tmpdir(), "wctl-e2e-"));
    this.dataDir = join(this.dir, "data");
    this.#args = args;
    this.#through = through;
  }

  static async start(...args: string[]): Promise<DaemonUnderTest> {
    const daemon = new DaemonUnderTest(args);
    await daemon.start();
    return daemon;
  }

  /** For a data directory that the test makes before the start. */
  static unstarted(...args: string[]): DaemonUnderTest {
    return new DaemonUnderTest(args);
  }

  static async startThrough(through: readonly string[], ...args: string[]): Promise<DaemonUnderTest> {
    const daemon = new DaemonUnderTest(args, through);
    await daemon.start();
    return daemon;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** `runs`, or how it ended. */
  get fate(): string {
    const { exitCode, signalCode } = this.#child!;
    return exitCode === null && signalCode === null ? "runs" : `ended with ${exitCode ?? signalCode}`;
  }

  get kubeconfig(): string {
    return join(this.dataDir, "admin.kubeconfig");
  }

  /** Resolves at the ready line. */
  async start(...more: string[]): Promise<void> {
    this.launch(...more);
    await this.ready();
  }

  /** Does not wait for the API. */
  launch(...more: string[]): void {
    if (!existsSync(wctlPath)) throw new Error("build/wctl is missing: make build");
    const args = ["daemon", "--data-dir", this.dataDir, "--listen", "127.0.0.1:0", ...this.#args, ...more];
    const [program = wctlPath, ...before] = [...this.#through, wctlPath];
    const child = spawn(program, [...before, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, CANARY_OF_THE_DAEMON: "1" },
    });
    this.#child = child;
    this.#leavesWorkloads = args.some((word) => word.includes("keep"));
    this.#stdout = "";
    this.stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      this.#stdout += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
  }

  async ready(): Promise<void> {
    const child = this.#child!;
    await this.#objects.close();
    await patiently(() => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the daemon exited with ${child.exitCode ?? child.signalCode}: ${this.stderr}`);
      return this.readyLine();
    }, "the daemon's ready line");
  }

  readyLine(): string | undefined {
    return /^wctld ready .*$/m.exec(this.#stdout)?.[0];
  }

  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, KUBECONFIG: this.kubeconfig, NO_COLOR: "1" };
  }

  /** The answer of a verb; see `verbInProcess`. */
  wctl(...args: string[]): Promise<Ran> {
    return this.wctlWith({}, ...args);
  }

  wctlWith({ input }: { input?: string }, ...args: string[]): Promise<Ran> {
    return verbInProcess(args, this.#env, input);
  }

  /** The built program as a process. */
  program(...args: string[]): Promise<Ran> {
    return run(wctlPath, args, { env: this.#env });
  }

  /** Of the daemon that runs now; whoever asked for it closes it. */
  async client(): Promise<HttpClient> {
    return new HttpClient(await this.endpoint(), { userAgent: "wctl-agent" });
  }

  /** For the ServiceAccount that each Namespace has. */
  async token(): Promise<string> {
    const client = await this.client();
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
    const path = "/api/v1/namespaces/default/serviceaccounts/default/token";
    const made = await client.raw("POST", path, { body }).finally(() => client.close());
    return (JSON.parse(made) as { status: { token: string } }).status.token;
  }

  /** The answer to the bearer of this token. */
  async toBearer(token: string, path: string): Promise<string> {
    const { cert: _, key: _k, ...endpoint } = await this.endpoint();
    const client = new HttpClient({ ...endpoint, token });
    return client.raw("GET", path).finally(() => client.close());
  }

  /** Does he get in? */
  letsIn(token: string): Promise<boolean> {
    return this.toBearer(token, "/api").then(
      () => true,
      (error: StatusError) => {
        if (error.reason === "Unauthorized") return false;
        throw error;
      },
    );
  }

  /** Of its administrator. */
  async endpoint(): Promise<Endpoint> {
    const { config } = await loadKubeconfig({ path: this.kubeconfig });
    return resolveKubeconfig(config, {}).endpoint;
  }

  /** Runs and expects exit 0; gives stdout. */
  async ok(...args: string[]): Promise<string> {
    const ran = await this.wctl(...args);
    if (ran.code !== 0) throw new Error(`wctl ${args.join(" ")} exited with ${ran.code}: ${ran.stderr}${ran.stdout}`);
    return ran.stdout;
  }

  /** What is printed until it shows `what`; then it is interrupted. */
  async printed(what: RegExp, ...args: string[]): Promise<string> {
    const child = spawn(wctlPath, args, { env: this.#env, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    await patiently(() => what.test(text), `${what} from wctl ${args.join(" ")}`).finally(() => child.kill("SIGINT"));
    return text;
  }

  async apply(yaml: string, ...args: string[]): Promise<string> {
    const ran = await this.wctlWith({ input: yaml }, "apply", "-f", "-", ...args);
    if (ran.code !== 0) throw new Error(`apply exited with ${ran.code}: ${ran.stderr}`);
    return ran.stdout;
  }

  /** Waits until the events tell it: they are written after what they tell of. `--for KIND/NAME` and the like in `args`. */
  tells(what: RegExp, ...args: string[]): Promise<true | undefined> {
    return eventually(`an event to tell ${what}`, async () => what.test(await this.ok("events", ...args)));
  }

  /** One object, or a list: `KIND [NAME] [-n NAMESPACE] [-l SELECTOR]`. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at any field
  async json(...args: string[]): Promise<any> {
    return this.#objects.json(this.kubeconfig, args);
  }

  /** Sends a signal to the daemon alone and waits for its end. Resolves with its exit code (undefined when a signal ended it). */
  async end(signal: NodeJS.Signals): Promise<number | undefined> {
    const child = this.#child;
    await this.#objects.close();
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? undefined;
    const ended = new Promise<number | undefined>((resolve) =>
      child.once("exit", (code) => resolve(code ?? undefined)),
    );
    child.kill(signal);
    return ended;
  }

  /**
   * Stops daemon and workloads, removes the directory; does nothing the second time. A daemon that may have left workloads, or would leave them, is
   * started again, to stop them.
   */
  async dispose(): Promise<void> {
    const child = this.#child;
    if (child) {
      if (this.#leavesWorkloads) await this.end("SIGTERM");
      const { exitCode, signalCode } = child;
      const hasStopped = exitCode === 0 && !this.#leavesWorkloads && !this.stderr.includes("degraded");
      if ((exitCode !== null && !hasStopped) || signalCode !== null) await this.start("--on-stop", "stop");
      await this.end("SIGTERM");
      this.#child = undefined;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Alive and the same process: a reused pid has another start time. */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

export const isAlive = (pid: number): boolean => startTimeOf(pid) !== undefined;

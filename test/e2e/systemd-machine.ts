import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHierarchies } from "../../runtime/posix/containment/cgroup/hierarchies.ts";
import { eventually, type Ran, run } from "./daemon-under-test.ts";

const SYSTEMD = "/lib/systemd/systemd";

/** Nothing of the real machine is started: its units and generators are out of sight, and these few say only that they are reached. */
const targets = ["sysinit", "basic", "network", "multi-user", "shutdown", "umount", "mini"];

const boot = `set -e
mount --make-rprivate /
mount -t proc proc /proc
for folder in /run /etc/systemd/system /usr/lib/systemd/system /usr/lib/systemd/system-generators; do mount -t tmpfs tmpfs $folder; done
umount -R /sys/fs/cgroup || umount -l /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for name in ${targets.join(" ")}; do printf '[Unit]\\nDefaultDependencies=no\\n' > /usr/lib/systemd/system/$name.target; done
export container=wctl-test
exec ${SYSTEMD} --unit=mini.target --log-target=null
`;

/** A real systemd that runs as the first process of namespaces of its own. It sees the files of this machine, and has cgroups v2 below one of ours. */
export class SystemdMachine {
  readonly dir: string;
  readonly #cgroup: string;
  readonly #holder: ChildProcess;
  #pid = 0;

  private constructor(home: string) {
    this.dir = mkdtempSync(join(tmpdir(), "wctl-systemd-"));
    this.#cgroup = join(home, `wctl-systemd-${process.pid}`);
    mkdirSync(this.#cgroup);
    const script = join(this.dir, "boot.sh");
    writeFileSync(script, boot);
    const enter = `echo $$ > ${this.#cgroup}/cgroup.procs && exec unshare --pid --mount --cgroup --fork --kill-child /bin/sh ${script}`;
    this.#holder = spawn("/bin/sh", ["-c", enter], { stdio: "ignore" });
  }

  /** Why there can be none here; undefined when there can. */
  static missing(): string | undefined {
    if (process.geteuid?.() !== 0) return "needs root";
    if (!existsSync(SYSTEMD)) return "systemd is not installed";
    if (homeOf() === undefined) return "no cgroups v2";
    const namespaces = ["--pid", "--mount", "--cgroup", "--fork", "mount", "--make-rprivate", "/"];
    return spawnSync("/usr/bin/unshare", namespaces).status === 0 ? undefined : "no namespaces can be made";
  }

  /** Resolves when it is up. */
  static async start(): Promise<SystemdMachine> {
    const machine = new SystemdMachine(homeOf()!);
    const { pid } = machine.#holder;
    const ended = once(machine.#holder, "exit").then(() => {
      throw new Error("systemd could not be booted");
    });
    const booted = eventually("systemd runs", () => {
      machine.#pid = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
      return machine.#pid > 0 && existsSync(`/proc/${machine.#pid}/root/run/systemd/private`);
    });
    ended.catch(() => {}); // Later it is ended by `dispose`.
    await Promise.race([booted, ended]);
    return machine;
  }

  run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    const enter = ["-t", String(this.#pid), "-p", "-m", "-C", program, ...args];
    return run("nsenter", enter, { env: { ...process.env, NO_COLOR: "1", ...env } });
  }

  /** Rejects unless it ends with 0. */
  async ok(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(program, args, env);
    if (code !== 0) throw new Error(`${program} ${args.join(" ")} exited with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** With the first process all others of its namespace end. */
  async dispose(): Promise<void> {
    this.#holder.kill("SIGKILL");
    await eventually("its cgroups are empty", () => {
      removeGroups(this.#cgroup);
      return !existsSync(this.#cgroup);
    });
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const homeOf = (): string | undefined => readHierarchies().find(({ version }) => version === 2)?.home;

function removeGroups(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroups(join(folder, entry.name));
  rmdirSync(folder);
}

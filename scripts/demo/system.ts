// The two systems that the demo runs on, and everything that differs between them.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

export interface DemoSystem {
  /** Below the project: what `make build` makes here. */
  program: string;
  prompt: string;
  /** How a person starts a command without waiting for its end. */
  beside(command: string): string;
  /** What is applied, with a name that a person can type. `folder` may be written into. */
  manifests(project: string, folder: string): string;
  killCommand(pid: number): string;
  /** Something of that pid still runs. */
  runs(pid: number): boolean;
}

const linux: DemoSystem = {
  program: "build/wctl",
  prompt: "$",
  beside: (command) => `${command} &`,
  manifests: (project) => relative(process.cwd(), join(project, "manifests/demo")) || ".",
  killCommand: (pid) => `kill -9 ${pid}`,
  /** A zombie has ended; its parent has only not waited for it yet. */
  runs(pid) {
    if (!existsSync(`/proc/${pid}/stat`)) return false;
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  },
};

/** Where Node's installer puts it; the manifests name it, so that they can also be applied by hand. */
const INSTALLED_NODE = "C:\\Program Files\\nodejs\\node.exe";

const windows: DemoSystem = {
  program: "build\\wctl.exe",
  prompt: ">",
  beside: (command) => `start /b ${command}`,
  /** A copy, with the Node that is certainly there: the one that runs this. */
  manifests(project, folder) {
    const from = join(project, "manifests/demo-windows");
    const copy = join(folder, "demo");
    mkdirSync(copy);
    for (const name of readdirSync(from)) {
      const text = readFileSync(join(from, name), "utf8").replaceAll(INSTALLED_NODE, process.execPath);
      writeFileSync(join(copy, name), text);
    }
    return copy;
  },
  killCommand: (pid) => `taskkill /f /pid ${pid}`,
  runs(pid) {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  },
};

export const demoSystem: DemoSystem = process.platform === "win32" ? windows : linux;

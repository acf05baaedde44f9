import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { quantile, type Result, timed } from "../result.ts";
import { inFolder, mebibytes, processOf, programs, succeed } from "./programs.ts";
import { Wctl } from "./supervisor.ts";

const WORKLOADS = 50;
const CALLS = 15;
/** V8 has given back by then what the start left behind, and nothing is done any more. */
const QUIET_MS = 120_000;

/** What one wctl.exe costs: on the disk, at the start of a command, and as an idle daemon. */
export function program(): Promise<Result[]> {
  return inFolder(async (folder) => {
    const wctl = new Wctl(folder);
    try {
      await wctl.prepare(WORKLOADS);
      await wctl.launch();
      await wctl.untilDurable();
      await pause(QUIET_MS);
      const daemon = processOf(wctl.daemon.pid)!;
      const kubeconfig = join(wctl.daemon.dataDir, "admin.kubeconfig");
      const taken = { get: [] as number[], version: [] as number[], node: [] as number[] };
      for (let call = 0; call < CALLS; call++) {
        taken.get.push(await timed(() => succeed(programs.wctl, "--kubeconfig", kubeconfig, "get", "processes")));
        taken.version.push(await timed(() => succeed(programs.wctl, "version", "--client")));
        taken.node.push(await timed(() => succeed(process.execPath, "-e", "0")));
      }
      const bare = await idleNode();
      const get = quantile(taken.get, 0.5);
      const workingSet = mebibytes(daemon.workingSet);
      return [
        {
          what: "wctl.exe get processes, from launch to end, p50",
          n: WORKLOADS,
          unit: "ms",
          wctl: get,
          floor: quantile(taken.node, 0.5),
          target: "< 900",
          isMet: get < 900,
          notes: {
            p95: quantile(taken.get, 0.95),
            versionClientP50: quantile(taken.version, 0.5),
            floor: 'node.exe -e "0"',
          },
        },
        {
          what: "wctl.exe",
          unit: "MB",
          wctl: Math.round(statSync(programs.wctl).size / 1e5) / 10,
          target: "reported",
          isMet: true,
        },
        {
          what: "working set of the idle daemon",
          n: WORKLOADS,
          unit: "MiB",
          wctl: workingSet,
          floor: bare,
          target: "< 128",
          isMet: workingSet < 128,
          notes: {
            floor: "an idle node.exe",
            threads: daemon.threads,
            beyondNode: Math.round((workingSet - bare) * 10) / 10,
          },
        },
      ];
    } finally {
      await wctl.stop();
    }
  });
}

async function idleNode(): Promise<number> {
  const node = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e9)"], { stdio: "ignore" });
  await pause(3_000);
  const size = mebibytes(processOf(node.pid!)!.workingSet);
  const gone = once(node, "exit");
  node.kill();
  await gone;
  return size;
}

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DaemonUnderTest, isAlive } from "../e2e/daemon-under-test.ts";
import type { Asker } from "./ask.ts";

/** What a daemon costs and keeps: all that should be as it was when everything that was made is gone. */
export interface Footprint {
  heapBytes: number;
  /** Of the JSON that the store keeps for watches to go on from. */
  historyBytes: number;
  residentBytes: number;
  descriptors: number;
  threads: number;
  /** Watches, followed logs and sessions. */
  streams: number;
  /** Of programs. */
  cgroups: number;
  /** Of the processor, since its start. */
  seconds: number;
  /** Below the data directory, of what belongs to single objects. */
  files: number;
}

/** `program`: one that the daemon runs. */
export async function footprintOf(daemon: DaemonUnderTest, admin: Asker, program: number): Promise<Footprint> {
  const { bytes } = await admin.ask({ method: "GET", path: "/metrics", headers: {}, body: undefined });
  const lines = bytes.toString("utf8").split("\n");
  const value = (name: string): number => Number(lines.find((line) => line.startsWith(`${name} `))?.split(" ")[1]);
  const streams = lines.filter((line) => line.startsWith("wctl_apiserver_streams{"));
  const files = readdirSync(daemon.dataDir, { recursive: true }).map(String);
  return {
    heapBytes: value("nodejs_heap_size_used_bytes") + value("nodejs_external_memory_bytes"),
    historyBytes: value("wctl_store_history_bytes"),
    residentBytes: value("process_resident_memory_bytes"),
    descriptors: descriptorsOf(daemon.pid),
    threads: readdirSync(`/proc/${daemon.pid}/task`).length,
    cgroups: cgroupsBeside(program),
    seconds: value("process_cpu_seconds_total"),
    streams: streams.reduce((sum, line) => sum + Number(line.split(" ")[1]), 0),
    files: files.filter((file) => /^(instances|homes|content)\//.test(file)).length,
  };
}

/** How many there are where that of this process is: in version 2, or in a hierarchy of version 1. Nought where the daemon may make none. */
function cgroupsBeside(pid: number): number {
  const lines = isAlive(pid) ? readFileSync(`/proc/${pid}/cgroup`, "utf8").split("\n") : [];
  const [, hierarchy, path] = /^\d+:([^:]*):(.*\/wctl-.*)$/m.exec(lines.join("\n")) ?? [];
  if (hierarchy === undefined || path === undefined) return 0;
  const folder = join("/sys/fs/cgroup", hierarchy, dirname(path));
  return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).length;
}

/** Without the connections, which are the clients'. */
function descriptorsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((fd) => {
    try {
      return !readlinkSync(join(folder, fd)).startsWith("socket:");
    } catch {
      return false;
    }
  }).length;
}

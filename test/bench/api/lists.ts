import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bringAll, type Kubectl } from "../../../scripts/kubectl/debian.ts";
import { compared, quantile, type Result } from "../result.ts";
import type { Programs } from "../supervisor.ts";
import { ApiDaemon } from "./api-daemon.ts";
import { Connection } from "./connection.ts";
import type { StaticOrder } from "./static-server-program.ts";

const OBJECTS = 10_000;
const FOLDER = "/apis/wctl.dev/v1/namespaces/default/processes";
const WRITERS = 32;

interface Form {
  args: readonly string[];
  rounds: number;
  /** Ends when so many lines were printed, instead of by itself. */
  lines?: number;
}

const forms: readonly Form[] = [
  { args: ["get", "processes"], rounds: 5 },
  { args: ["get", "processes", "-w"], rounds: 3, lines: OBJECTS + 1 },
  { args: ["get", "processes", "-o", "json"], rounds: 1 },
  { args: ["get", "processes", "-o", "yaml"], rounds: 1 },
];

/** All of ten thousand Processes printed by each kubectl and by wctl, beside the same with a plain file server that has the same answers. */
export async function lists({ wctl }: Programs): Promise<Result[]> {
  const programs = (await bringAll()).filter((one): one is Kubectl => "path" in one);
  const daemon = await ApiDaemon.start(wctl);
  const floor = fork(join(import.meta.dirname, "static-server-program.ts"), { execArgv: ["--no-warnings"] });
  try {
    await fill(daemon);
    const order = { endpoint: await daemon.endpoint(), key: daemon.pki("server.key"), cert: daemon.pki("server.crt") };
    floor.send(order satisfies StaticOrder);
    const [port] = await once(floor, "message");
    const servers = [home(daemon, "wctl"), home(daemon, "floor", `https://127.0.0.1:${port}`)];
    const runs = [
      ...programs.flatMap(({ path, minor }) => forms.map((form) => ({ ...form, path, name: `kubectl 1.${minor}` }))),
      { ...forms[0]!, path: wctl, name: "wctl" },
    ];
    for (const run of runs) await timeOf(run, servers[1]!); // What it serves from now on.
    floor.send("sealed");
    for (const { path } of programs) await timeOf({ ...forms[0]!, path }, servers[0]!); // It remembers the discovery.
    const results: Result[] = [];
    for (const run of runs) {
      const taken: [number[], number[]] = [[], []];
      for (let round = 0; round < run.rounds; round++) {
        for (const [at, server] of servers.entries()) taken[at]!.push(await timeOf(run, server));
      }
      const what = `${run.name} ${run.args.join(" ")}${run.lines ? ", until all are printed" : ""}`;
      const [ours, plain] = taken;
      results.push({ ...compared(what, "ms", quantile(ours, 0.5), quantile(plain, 0.5), 1.2), n: OBJECTS });
    }
    return results;
  } finally {
    floor.kill();
    await daemon.stop();
  }
}

/** Processes without copies: what is measured is how they are listed. */
async function fill(daemon: ApiDaemon): Promise<void> {
  const endpoint = await daemon.endpoint();
  const writers = await Promise.all(Array.from({ length: WRITERS }, () => Connection.open(endpoint)));
  let next = 0;
  await Promise.all(
    writers.map(async (writer) => {
      for (let at = next++; at < OBJECTS; at = next++) await writer.ask("POST", FOLDER, manifest(at));
      writer.close();
    }),
  );
  for (let busy = 1; busy > 0.1; ) {
    const before = daemon.cpuMs();
    await pause(2_000);
    busy = (daemon.cpuMs() - before) / 2_000;
  }
}

const manifest = (at: number): object => ({
  apiVersion: "wctl.dev/v1",
  kind: "Process",
  metadata: { name: `p${String(at).padStart(5, "0")}`, labels: { app: `app${at % 100}`, tier: "web" } },
  spec: {
    command: "/usr/bin/node",
    args: ["server.js", "--port", String(10_000 + at)],
    env: [{ name: "LEVEL", value: "info" }],
    replicas: 0,
  },
});

/** A home of a client: what it remembers of one server must not help with the other. */
function home(daemon: ApiDaemon, name: string, server?: string): NodeJS.ProcessEnv {
  const folder = join(daemon.directory, name);
  mkdirSync(folder);
  const kubeconfig = join(folder, "kubeconfig");
  const text = readFileSync(daemon.kubeconfig, "utf8");
  writeFileSync(kubeconfig, server ? text.replace(/https:\/\/127\.0\.0\.1:\d+/, server) : text, { mode: 0o600 });
  return { HOME: folder, PATH: process.env.PATH, KUBECONFIG: kubeconfig, NO_COLOR: "1" };
}

async function timeOf({ path, args, lines }: Form & { path: string }, env: NodeJS.ProcessEnv): Promise<number> {
  const began = performance.now();
  const client = spawn(path, args, { env, stdio: ["ignore", lines === undefined ? "ignore" : "pipe", "inherit"] });
  const ended = once(client, "close");
  if (lines === undefined) {
    const [code] = await ended;
    if (code !== 0) throw new Error(`${path} ${args.join(" ")} ended with ${code}`);
    return performance.now() - began;
  }
  let printed = 0;
  for await (const chunk of client.stdout!) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) printed++;
    if (printed >= lines) break;
  }
  const took = performance.now() - began;
  client.kill("SIGKILL");
  await ended;
  return took;
}

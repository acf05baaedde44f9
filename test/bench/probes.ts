/**
 * Processor time of one HTTP probe a second on each of 100 targets, beside a bare Node loop that does the same (one interval and one `http.get` each),
 * as JSON. The servers are one process of their own. Run: `node test/bench/probes.ts [seconds]`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { ProbeScheduler } from "../../runtime/probes/probe-scheduler.ts";

const TARGETS = 100;
const seconds = Number(process.argv[2] ?? 10);
/** Answers, and says at `/count` how often it did. */
const serverCode = `
  let count = 0;
  require("http").createServer((request, response) => response.end(request.url === "/count" ? String(count) : "ok" + (count++ && "")))
    .listen(0, "127.0.0.1", function () { console.log(this.address().port) })`;

const asked = async (port: number): Promise<number> =>
  Number(await (await fetch(`http://127.0.0.1:${port}/count`)).text());

/** Milliseconds of processor time per probe. */
async function measure(
  port: number,
  begin: (port: number) => () => unknown,
): Promise<{ cpuMsPerProbe: number; probes: number }> {
  const end = begin(port);
  await new Promise((resolve) => setTimeout(resolve, 2_000)); // warm
  const before = await asked(port);
  const cpu = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const { user, system } = process.cpuUsage(cpu);
  const probes = (await asked(port)) - before;
  await end();
  return { cpuMsPerProbe: Math.round((user + system) / probes) / 1000, probes };
}

function bareLoop(port: number): () => void {
  const timers = Array.from({ length: TARGETS }, () =>
    setInterval(() => {
      const options = { host: "127.0.0.1", port, path: "/healthz", agent: false as const, timeout: 1_000 };
      get(options, (response) => response.resume()).on("error", () => {});
    }, 1_000),
  );
  return () => timers.forEach(clearInterval);
}

function scheduler(port: number): () => Promise<void> {
  const unused = (): Promise<never> => Promise.reject(new Error("not used"));
  const runtime = { exec: unused, portOwner: unused };
  const prober = new ProbeScheduler({ clock: systemClock, random: Math.random, logger: silentLogger, runtime });
  const spec = {
    initialDelaySeconds: 0,
    periodSeconds: 1,
    timeoutSeconds: 1,
    successThreshold: 1,
    failureThreshold: 3,
  };
  const liveness = { ...spec, httpGet: { port, path: "/healthz" } };
  for (let at = 0; at < TARGETS; at++)
    prober.set({ uid: `u${at}`, run: 1, startedAt: new Date().toISOString() }, { liveness });
  return () => prober.close();
}

const server = spawn(process.execPath, ["-e", serverCode], { stdio: ["ignore", "pipe", "inherit"] });
try {
  const [said] = await once(server.stdout, "data");
  const port = Number(said);
  const bare = await measure(port, bareLoop);
  const ours = await measure(port, scheduler);
  console.log(
    JSON.stringify(
      { targets: TARGETS, bare, ours, ratio: Math.round((ours.cpuMsPerProbe / bare.cpuMsPerProbe) * 100) / 100 },
      null,
      2,
    ),
  );
} finally {
  server.kill();
}

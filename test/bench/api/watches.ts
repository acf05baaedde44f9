import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Endpoint } from "../../../api/http/transport.ts";
import { Semaphore } from "../../../lib/semaphore.ts";
import { cpuSeconds } from "../process-cost.ts";
import { type Result, round } from "../result.ts";
import type { Programs } from "../supervisor.ts";
import { ApiDaemon } from "./api-daemon.ts";
import { Connection } from "./connection.ts";
import type { FanOutOrder } from "./fan-out-program.ts";
import { type Seen, stampOf, type WatchOrder } from "./watcher-program.ts";

const NAMES = { http1: "HTTP/1.1", http2: "HTTP/2" };
const FOLDER = "/api/v1/namespaces/default/configmaps";
const WATCHERS = 1_000;
const SLOW = 20;
const PER_SECOND = 100;
const SECONDS = 8;
const WRITTEN = PER_SECOND * SECONDS;
/** Writers take turns: each waits for its answer, and none for the others. */
const WRITERS = 16;
const table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/** Of the line of an event of the daemon. */
const EVENT_BYTES = 980;

/**
 * A thousand watchers of a collection in which a hundred Objects are written a second: how late each event comes, and what it costs the daemon. The floor is a
 * server that does nothing but send ready-made bytes to the same watchers, of what the same writers send.
 */
export async function watches({ wctl }: Programs): Promise<Result[]> {
  return [
    await leastFanOut(wctl, "http1", undefined),
    await leastFanOut(wctl, "http1", 5),
    await leastFanOut(wctl, "http1", 10),
    await leastFanOut(wctl, "http1", 20),
    await leastFanOut(wctl, "http2", 5),
    await leastFanOut(wctl, "http2", 10),
    await fanOut(wctl, "HTTP/1.1", { protocol: "http1", accept: "application/json", slow: 0 }),
    await fanOut(wctl, "HTTP/2", { protocol: "http2", accept: "application/json", slow: 0 }),
    await fanOut(wctl, "HTTP/1.1, tables", { protocol: "http1", accept: table, slow: 0 }),
    await fanOut(wctl, `HTTP/1.1, ${SLOW} more that take nothing`, {
      protocol: "http1",
      accept: "application/json",
      slow: SLOW,
    }),
  ];
}

async function fanOut(
  wctl: string,
  how: string,
  order: Pick<WatchOrder, "protocol" | "accept" | "slow">,
): Promise<Result> {
  const daemon = await ApiDaemon.start(wctl);
  const program = fork(join(import.meta.dirname, "watcher-program.ts"), { execArgv: ["--no-warnings"] });
  try {
    const endpoint = await daemon.endpoint();
    const before = daemon.rssMiB();
    program.send({
      ...order,
      endpoint,
      path: `${FOLDER}?watch=true&allowWatchBookmarks=true`,
      watchers: WATCHERS,
    } satisfies WatchOrder);
    await once(program, "message");
    const watched = daemon.rssMiB();
    const cpu = daemon.cpuMs();
    const began = performance.now();
    const { perSecond, peak } = await write(await connect(endpoint), () => daemon.rssMiB());
    const seen = await allSeen(program, WRITTEN * WATCHERS);
    const share = (daemon.cpuMs() - cpu) / (performance.now() - began);
    program.kill();
    await pause(3_000);
    const { p50Ms, p99Ms, worstMs, fewest, cpuMs } = seen;
    return {
      what: `an event at one of the watchers, p99, over ${how}`,
      n: WATCHERS,
      unit: "ms",
      wctl: p99Ms,
      target: "<= 50 at 100 writes a second, none lost",
      isMet: p99Ms <= 50 && fewest === WRITTEN,
      notes: {
        p50Ms,
        worstMs,
        perSecond: round(perSecond),
        lost: WRITTEN - fewest,
        daemonCpuShare: round(share),
        watchersCpuMs: cpuMs,
        rssMiB: { before: round(before), watched: round(watched), peak: round(peak), after: round(daemon.rssMiB()) },
      },
    };
  } finally {
    program.kill();
    await daemon.stop();
  }
}

/** `restMs`: how long it rests after each round. */
async function leastFanOut(
  wctl: string,
  protocol: WatchOrder["protocol"],
  restMs: number | undefined,
): Promise<Result> {
  const daemon = await ApiDaemon.start(wctl); // For its certificates.
  const [server, program] = ["fan-out-program.ts", "watcher-program.ts"].map((name) =>
    fork(join(import.meta.dirname, name), { execArgv: ["--no-warnings"] }),
  ) as [ChildProcess, ChildProcess];
  try {
    const order = { key: daemon.pki("server.key"), cert: daemon.pki("server.crt"), size: EVENT_BYTES, restMs };
    server.send(order satisfies FanOutOrder);
    const [port] = (await once(server, "message")) as [number];
    const endpoint = { ...(await daemon.endpoint()), server: `https://127.0.0.1:${port}` };
    const watching = { path: FOLDER, watchers: WATCHERS, protocol, accept: "*/*", slow: 0 };
    program.send({ ...watching, endpoint } satisfies WatchOrder);
    await once(program, "message");
    const cpu = cpuSeconds(server.pid!);
    const began = performance.now();
    const { perSecond } = await write(await connect(endpoint), () => 0);
    const { p50Ms, p99Ms, worstMs, fewest, cpuMs } = await allSeen(program, WRITTEN * WATCHERS);
    const share = ((cpuSeconds(server.pid!) - cpu) * 1000) / (performance.now() - began);
    return {
      what: `the floor: an event at one of the watchers of bare bytes, over ${NAMES[protocol]}, p99, ${restMs === undefined ? "each event by itself" : `in rounds with rests of ${restMs} ms`}`,
      n: WATCHERS,
      unit: "ms",
      wctl: p99Ms,
      target: "what this machine and these watchers allow",
      isMet: true,
      notes: {
        p50Ms,
        worstMs,
        perSecond: round(perSecond),
        lost: WRITTEN - fewest,
        serverCpuShare: round(share),
        watchersCpuMs: cpuMs,
      },
    };
  } finally {
    program.kill();
    server.kill();
    await daemon.stop();
  }
}

const connect = (endpoint: Endpoint): Promise<Connection[]> =>
  Promise.all(Array.from({ length: WRITERS }, () => Connection.open(endpoint)));

/** On time, as long as a writer is free. The first second is not counted: what runs for the first time is compiled. */
async function write(connections: Connection[], rssMiB: () => number): Promise<{ perSecond: number; peak: number }> {
  const free = [...connections];
  const writers = new Semaphore(free.length);
  const one = (name: string, annotations: Record<string, string>): Promise<void> =>
    writers.run(async () => {
      const connection = free.pop()!;
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, annotations } };
      await connection.ask("POST", FOLDER, { ...object, data: { text: "x".repeat(200) } });
      free.push(connection);
    });
  const paced = async (count: number, next: (at: number) => Promise<void>): Promise<void> => {
    const began = performance.now();
    const writing: Promise<void>[] = [];
    for (let at = 0; at < count; at++) {
      await pause(Math.max(0, began + (at * 1000) / PER_SECOND - performance.now()));
      writing.push(next(at));
    }
    await Promise.all(writing);
  };
  let peak = 0;
  await paced(PER_SECOND, (at) => one(`warm${at}`, {}));
  const began = performance.now();
  await paced(WRITTEN, (at) => {
    if (at % PER_SECOND === 0) peak = Math.max(peak, rssMiB());
    return one(`w${at}`, { sent: stampOf() });
  });
  return { perSecond: (WRITTEN * 1000) / (performance.now() - began), peak };
}

/** What comes late comes within some seconds. */
async function allSeen(program: ReturnType<typeof fork>, expected: number): Promise<Seen> {
  const asked = async <T>(what: "count" | "report"): Promise<T> => {
    program.send(what);
    return (await once(program, "message"))[0] as T;
  };
  for (let look = 0; look < 40 && (await asked<number>("count")) < expected; look++) await pause(100);
  return await asked<Seen>("report");
}

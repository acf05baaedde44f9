import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Endpoint } from "../../../api/http/transport.ts";
import { bareFsyncs } from "../fsync.ts";
import { quantile, type Result, round } from "../result.ts";
import type { Programs } from "../supervisor.ts";
import { ApiDaemon } from "./api-daemon.ts";
import { Connection } from "./connection.ts";
import type { DurableOrder } from "./durable-server-program.ts";

const FOLDER = "/api/v1/namespaces/default/configmaps";
const WRITERS = 32;
const LONE = 1_000;

/**
 * Acknowledged, durable writes over HTTPS: one after the other beside a bare fsync in the same folder and beside the least of a server that commits and audits,
 * by a crowd, and what each kind of them costs.
 */
export async function writes({ wctl }: Programs): Promise<Result[]> {
  const daemon = await ApiDaemon.start(wctl);
  try {
    const endpoint = await daemon.endpoint();
    const connections = await Promise.all(Array.from({ length: WRITERS }, () => Connection.open(endpoint)));
    const [first] = connections as [Connection];
    await Promise.all(connections.map((one, writer) => one.ask("POST", FOLDER, configMap(writer, 0))));
    await crowd(daemon, connections, 20); // Compiled by now.
    const fsync = bareFsyncs(daemon.dataDir);
    await crowd(daemon, [first], LONE);
    const lone = await crowd(daemon, [first], LONE);
    const least = await leastServer(daemon, endpoint);
    const many = await crowd(daemon, connections, 150);
    for (const one of connections) one.close();
    return [alone(lone, fsync), besideLeast(lone, least), together(many)];
  } finally {
    await daemon.stop();
  }
}

interface Written {
  perSecond: number;
  p50: number;
  p99: number;
  daemonCpuMicroseconds: number;
}

/** Milliseconds of each write of one writer to the least server, in the same folder. */
async function leastServer(daemon: ApiDaemon, endpoint: Endpoint): Promise<number[]> {
  const program = fork(join(import.meta.dirname, "durable-server-program.ts"), { execArgv: ["--no-warnings"] });
  try {
    const order = {
      folder: daemon.dataDir,
      key: daemon.pki("server.key"),
      cert: daemon.pki("server.crt"),
      ca: daemon.pki("ca.crt"),
    };
    program.send(order satisfies DurableOrder);
    const [port] = (await once(program, "message")) as [number];
    const connection = await Connection.open({ ...endpoint, server: `https://127.0.0.1:${port}` });
    await lone(connection, LONE);
    const took = await lone(connection, LONE);
    connection.close();
    return took;
  } finally {
    program.kill();
  }
}

async function lone(connection: Connection, times: number): Promise<number[]> {
  const took: number[] = [];
  for (let turn = 1; turn <= times; turn++) {
    const start = performance.now();
    await connection.ask("PUT", `${FOLDER}/w0`, configMap(0, start));
    took.push(performance.now() - start);
  }
  return took;
}

/** Each of them changes an Object of its own, so many times, one after the other. */
async function crowd(daemon: ApiDaemon, connections: readonly Connection[], times: number): Promise<Written> {
  const took: number[] = [];
  const [began, cpu] = [performance.now(), daemon.cpuMs()];
  await Promise.all(
    connections.map(async (one, writer) => {
      for (let turn = 1; turn <= times; turn++) {
        const start = performance.now();
        await one.ask("PUT", `${FOLDER}/w${writer}`, configMap(writer, start));
        took.push(performance.now() - start);
      }
    }),
  );
  return {
    perSecond: Math.round((took.length * 1000) / (performance.now() - began)),
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    daemonCpuMicroseconds: Math.round(((daemon.cpuMs() - cpu) * 1000) / took.length),
  };
}

const configMap = (writer: number, turn: number): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: `w${writer}` },
  data: { turn: String(turn), text: "x".repeat(200) },
});

function alone({ p50, ...notes }: Written, fsyncs: number[]): Result {
  const fsync = quantile(fsyncs, 0.5);
  return {
    what: "one writer: write acknowledged, p50",
    unit: "ms",
    wctl: p50,
    floor: fsync,
    ratio: round(p50 / fsync),
    target: "<= 2 (floor: one fsync)",
    isMet: p50 <= 2,
    notes: { ...notes, fsyncP99: quantile(fsyncs, 0.99) },
  };
}

function besideLeast({ p50 }: Written, least: number[]): Result {
  const floor = quantile(least, 0.5);
  return {
    what: "one writer: write acknowledged, p50, beside a bare server that commits and audits",
    unit: "ms",
    wctl: p50,
    floor,
    ratio: round(p50 / floor),
    target: "<= 2 x floor",
    isMet: p50 <= 2 * floor,
    notes: { floorP99: quantile(least, 0.99) },
  };
}

const together = ({ perSecond, ...notes }: Written): Result => ({
  what: "durable writes acknowledged per second",
  n: WRITERS,
  unit: "/s",
  wctl: perSecond,
  target: ">= 3000",
  isMet: perSecond >= 3000,
  notes: { ...notes },
});

import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { lists } from "./api/lists.ts";
import { repository } from "./api/repository.ts";
import { watches } from "./api/watches.ts";
import { writes } from "./api/writes.ts";
import { Ledger } from "./ledger.ts";
import { compared, milliseconds, quantile, type Result, round, timed } from "./result.ts";
import { FloorNode, type Load, type Programs, type Supervisor, Wctl } from "./supervisor.ts";

export interface Scope {
  sizes: number[];
  idleSeconds: number;
  rounds: number;
}

/** V8 has given back by then what the start left behind. */
const AFTER_START_MS = 120_000;

type Measure = (programs: Programs, scope: Scope) => Promise<Result[]>;

/** What is measured, and against which target. */
export const measures: Record<string, Measure> = {
  restart,
  "restart-all": restartAll,
  "cold-start": coldStart,
  apply,
  get,
  idle,
  probes,
  lines,
  lists,
  watches,
  writes,
  repository,
};

/** kill -9 of one child -> its successor's first instruction. */
async function restart(programs: Programs, { sizes, rounds }: Scope): Promise<Result[]> {
  const results: Result[] = [];
  for (const n of sizes) {
    const [floor, wctl] = await both(programs, { count: n }, async ({ ledger }) => {
      const taken: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const from = ledger.entries.length;
        const killedAt = process.hrtime.bigint();
        process.kill(ledger.pids().get(`c${round % n}`)!, "SIGKILL");
        const [successor] = await ledger.next(from, 1);
        taken.push(milliseconds(successor!.at - killedAt));
        await pause(10);
      }
      return { p50: quantile(taken, 0.5), p95: quantile(taken, 0.95) };
    });
    results.push({
      ...compared("kill -9 -> successor's first instruction, p50", "ms", wctl.p50, floor.p50, 1.5),
      n,
      notes: { p95: { wctl: wctl.p95, floor: floor.p95 } },
    });
  }
  const [least, most] = [results[0]!, results.at(-1)!];
  if (least !== most) {
    const what = `the same, n = ${most.n} beside n = ${least.n}`;
    results.push({ ...compared(what, "ms", most.wctl, least.wctl, 1.3), n: most.n! });
  }
  return results;
}

/** All children killed at once -> the last of them is back. */
async function restartAll(programs: Programs, { sizes }: Scope): Promise<Result[]> {
  const results: Result[] = [];
  for (const n of sizes) {
    const [floor, wctl] = await both(programs, { count: n }, async ({ ledger }) => {
      const taken: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        const from = ledger.entries.length;
        const pids = [...ledger.pids().values()];
        const killedAt = process.hrtime.bigint();
        for (const pid of pids) process.kill(pid, "SIGKILL");
        const started = await ledger.next(from, n, 120_000);
        taken.push(milliseconds(started.at(-1)!.at - killedAt));
        await pause(500);
      }
      return quantile(taken, 0.5);
    });
    results.push({ ...compared("all killed at once -> all back", "ms", wctl, floor, 1.3), n });
  }
  return results;
}

/** Launch of the supervisor -> the last child's first instruction. */
async function coldStart(programs: Programs, { sizes }: Scope): Promise<Result[]> {
  const results: Result[] = [];
  for (const n of sizes) {
    const taken: { floor: number[]; wctl: number[] } = { floor: [], wctl: [] };
    for (let round = 0; round < 3; round += 1) {
      const [floor, wctl] = await both(programs, { count: n }, async ({ ledger, launchedAt }) =>
        milliseconds(ledger.entries.slice(0, n).at(-1)!.at - launchedAt),
      );
      taken.floor.push(floor);
      taken.wctl.push(wctl);
    }
    const what = "cold start -> all running";
    results.push({ ...compared(what, "ms", quantile(taken.wctl, 0.5), quantile(taken.floor, 0.5), 1.4), n });
  }
  return results;
}

/** `wctl apply` of one changed manifest -> the new instance's first instruction, beside the start-up of the CLI alone. */
async function apply(programs: Programs, { sizes }: Scope): Promise<Result[]> {
  const results: Result[] = [];
  for (const n of sizes) {
    const load = { count: n };
    results.push(
      await withSupervisor(new Wctl(programs), load, async (wctl) => {
        const file = join(wctl.directory, "changed.yaml");
        const taken: number[] = [];
        const startUp: number[] = [];
        let others = 0;
        for (let round = 0; round < 8; round += 1) {
          writeFileSync(file, wctl.manifest(n, load, `round ${round}`));
          startUp.push(await timed(() => execa(programs.wctl, ["version", "--client"], { env: wctl.env })));
          const from = wctl.ledger.entries.length;
          const startedAt = process.hrtime.bigint();
          await execa(programs.wctl, ["apply", "-f", file], { env: wctl.env });
          const [started] = await wctl.ledger.next(from, 1);
          // The first makes it; the others change it.
          if (round > 0) taken.push(milliseconds(started!.at - startedAt));
          await pause(300);
          others += wctl.ledger.entries.length - from - 1;
        }
        const [p50, alone] = [quantile(taken, 0.5), quantile(startUp, 0.5)];
        return {
          what: "one changed manifest applied -> new instance's first instruction, p50",
          n,
          unit: "ms",
          wctl: p50,
          floor: alone,
          ratio: round(p50 / alone),
          target: "<= floor (start-up of the CLI) + 15 ms, and no other workload touched",
          isMet: p50 <= alone + 15 && others === 0,
          notes: { otherBirths: others },
        };
      }),
    );
  }
  return results;
}

/** `wctl get processes` beside a bare Node script that makes one request. */
async function get(programs: Programs, { sizes }: Scope): Promise<Result[]> {
  const n = sizes.at(-1)!;
  const server = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1");
  const script = join(import.meta.dirname, "get-once.cjs");
  try {
    return await withSupervisor(new Wctl(programs), { count: n }, async (wctl) => {
      const credentials = clientFiles(wctl);
      const plain = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const taken = { wctl: [] as number[], http: [] as number[], https: [] as number[] };
      for (let round = 0; round < 20; round += 1) {
        taken.wctl.push(await timed(() => execa(programs.wctl, ["get", "processes"], { env: wctl.env })));
        taken.http.push(await timed(() => execa(process.execPath, [script, plain])));
        taken.https.push(await timed(() => execa(process.execPath, [script, `${wctl.url}/healthz`, ...credentials])));
      }
      const [ours, http, https] = [taken.wctl, taken.http, taken.https].map((times) => quantile(times, 0.5));
      return [
        {
          ...compared("wctl get processes, beside a bare node script with one http request", "ms", ours!, http!, 1.2),
          n,
        },
        { ...compared("the same, beside one https request with a client certificate", "ms", ours!, https!, 1.2), n },
      ];
    });
  } finally {
    server.close();
  }
}

/** Processor time and memory of a supervisor that has nothing to do. */
async function idle(programs: Programs, { sizes, idleSeconds }: Scope): Promise<Result[]> {
  const n = sizes.at(-1)!;
  const [floor, wctl] = await both(programs, { count: n }, async (supervisor) => {
    await pause(AFTER_START_MS);
    const before = supervisor.cpuSeconds();
    await pause(idleSeconds * 1000);
    return { cpu: ((supervisor.cpuSeconds() - before) * 60) / idleSeconds, pss: supervisor.pssMiB() };
  });
  return [
    {
      what: "idle processor time per minute, no probes",
      n,
      unit: "s",
      wctl: round(wctl.cpu),
      floor: round(floor.cpu),
      target: "<= 0.15",
      isMet: wctl.cpu <= 0.15,
    },
    {
      what: "memory (PSS), workers included",
      n,
      unit: "MiB",
      wctl: round(wctl.pss),
      floor: round(floor.pss),
      ratio: round(wctl.pss / floor.pss),
      target: "<= 90",
      isMet: wctl.pss <= 90,
    },
  ];
}

/** Processor time with one HTTP probe per child every ten seconds. */
async function probes(programs: Programs, { idleSeconds }: Scope): Promise<Result[]> {
  const n = 100;
  const [floor, wctl] = await both(programs, { count: n, firstPort: 21_000 }, async (supervisor) => {
    await pause(AFTER_START_MS);
    const before = supervisor.cpuSeconds();
    await pause(idleSeconds * 1000);
    return ((supervisor.cpuSeconds() - before) * 60) / idleSeconds;
  });
  return [{ ...compared("processor time per minute, one HTTP probe per child every 10 s", "s", wctl, floor, 1.25), n }];
}

/** A child that writes a million lines, beside the same child writing to a plain file. */
async function lines(programs: Programs): Promise<Result[]> {
  const count = 1_000_000;
  return withSupervisor(new Wctl(programs), { count: 0 }, async (wctl) => {
    const plain = await linesToFile(programs, join(wctl.directory, "plain.log"), count);
    while (wctl.url === undefined) await pause(10);
    const file = join(wctl.directory, "lines.yaml");
    writeFileSync(file, wctl.manifest(0, { count: 1, args: ["lines", String(count)] }));
    const before = wctl.cpuSeconds();
    await execa(programs.wctl, ["apply", "-f", file], { env: wctl.env });
    const [, done] = await wctl.ledger.next(0, 2);
    const cpu = wctl.cpuSeconds() - before;
    const logged = await execa(programs.wctl, ["logs", "process/c0"], { env: wctl.env, maxBuffer: 200e6, lines: true });
    const inOrder = logged.stdout.every((line, index) => Number(line.slice(5, 14)) === index + 1);
    const speed = plain / done!.takenNs;
    return [
      {
        what: `a child writing ${count} lines`,
        unit: "ms",
        wctl: round(done!.takenNs / 1e6),
        floor: round(plain / 1e6),
        ratio: round(speed),
        target: ">= 0.9 of the speed to a plain file, 0 lost, in order, processor time of the daemon about 0",
        isMet: speed >= 0.9 && logged.stdout.length === count && inOrder,
        notes: { lost: count - logged.stdout.length, inOrder, daemonCpuSeconds: round(cpu) },
      },
    ];
  });
}

/** Nanoseconds that the child needs for its lines when its stdout is a plain file. */
async function linesToFile({ child }: Programs, path: string, count: number): Promise<number> {
  const ledger = new Ledger(`${path}.ledger`);
  const output = openSync(path, "w");
  const program = spawn(child, ["lines", String(count)], {
    stdio: ["ignore", output, "inherit"],
    env: { BENCH_LEDGER: ledger.path },
  });
  try {
    const [, done] = await ledger.next(0, 2);
    return done!.takenNs;
  } finally {
    program.kill("SIGKILL");
    closeSync(output);
    ledger.close();
  }
}

/** One after the other, so that neither disturbs the other. */
async function both<T>(
  programs: Programs,
  load: Load,
  measure: (supervisor: Supervisor) => Promise<T>,
): Promise<[T, T]> {
  const floor = await withSupervisor(new FloorNode(programs), load, measure);
  return [floor, await withSupervisor(new Wctl(programs), load, measure)];
}

async function withSupervisor<S extends Supervisor, T>(
  supervisor: S,
  load: Load,
  measure: (supervisor: S) => Promise<T>,
): Promise<T> {
  try {
    await supervisor.start(load);
    return await measure(supervisor);
  } finally {
    await supervisor.stop();
  }
}

/** CA, certificate and key of admin.kubeconfig as files for `get-once.cjs`. */
function clientFiles(wctl: Wctl): string[] {
  const kubeconfig = readFileSync(join(wctl.dataDir, "admin.kubeconfig"), "utf8");
  return ["certificate-authority-data", "client-certificate-data", "client-key-data"].map((field) => {
    const file = join(wctl.directory, field);
    const encoded = new RegExp(`${field}"?:\\s*"?([A-Za-z0-9+/=]+)`).exec(kubeconfig)?.[1];
    if (encoded === undefined) throw new Error(`admin.kubeconfig has no ${field}`);
    writeFileSync(file, Buffer.from(encoded, "base64"));
    return file;
  });
}

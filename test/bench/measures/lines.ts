import { spawn } from "node:child_process";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { withSupervisor } from "../bodies.ts";
import { Ledger } from "../ledger.ts";
import { type Result, round } from "../result.ts";
import type { Programs } from "../supervisor.ts";
import { Wctl } from "../wctl-supervisor.ts";

/** A child that writes a million lines, beside the same child writing to a plain file. */
export async function lines(programs: Programs): Promise<Result[]> {
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

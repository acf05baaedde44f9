import { type ChildProcess, spawn } from "node:child_process";
import { type Load, type Programs, Supervisor } from "./supervisor.ts";

export class FloorNode extends Supervisor {
  readonly #floor: string;

  constructor(programs: Programs) {
    super(programs);
    this.#floor = programs.floor;
  }

  protected prepare(): void {}

  protected launch({ count, firstPort }: Load): ChildProcess {
    const ports = firstPort === undefined ? [] : [String(firstPort)];
    const env = { ...process.env, BENCH_LEDGER: this.ledger.path };
    return spawn(process.execPath, [this.#floor, String(count), this.child, ...ports], { env, stdio: "inherit" });
  }

  protected end(supervisor: ChildProcess): void {
    supervisor.kill("SIGKILL");
  }
}

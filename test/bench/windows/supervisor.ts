import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { instances, processes } from "../../../api/scheme.ts";
import { systemClock } from "../../../lib/clock.ts";
import { loadServiceApi } from "../../../runtime/win32/ffi/service-api.ts";
import { ServiceManager } from "../../../runtime/win32/service/service-manager.ts";
import { DaemonProcess } from "../../win32/daemon-process.ts";
import { living } from "../../win32/living.ts";
import { witnessProcess } from "../../win32/witness.ts";
import { Ledger } from "../ledger.ts";
import { endAll, programs, run, until } from "./programs.ts";

/** Keeps witnesses `c0`, `c1`, ... running; their births are in the ledger. */
export interface Supervisor {
  readonly ledger: Ledger;
  /** What has to be there before: files, services. */
  prepare(count: number): Promise<void>;
  /** Resolves when all have been asked to start. */
  launch(): Promise<void>;
  stop(): Promise<void>;
}

export class Wctl implements Supervisor {
  readonly ledger: Ledger;
  readonly daemon: DaemonProcess;
  readonly #manifests: string;
  #count = 0;

  constructor(folder: string) {
    this.ledger = new Ledger(join(folder, "ledger"));
    this.#manifests = join(folder, "manifests");
    mkdirSync(this.#manifests);
    this.daemon = new DaemonProcess(programs.wctl, folder, ["--manifests", this.#manifests]);
  }

  async prepare(count: number): Promise<void> {
    this.#count = count;
    for (let index = 0; index < count; index++) {
      const name = `c${index}`;
      writeFileSync(join(this.#manifests, `${name}.yaml`), JSON.stringify(witnessProcess(name, this.ledger.path)));
    }
  }

  async launch(): Promise<void> {
    await this.daemon.start();
  }

  /** Resolves when the API shows all of them ready: what it shows is on the disk. */
  async untilDurable(): Promise<void> {
    const { client } = this.daemon;
    await until(async () => {
      const { items } = await client.list(instances);
      return items.filter(({ status }) => status?.ready).length === this.#count;
    }, `${this.#count} instances are ready`);
    const { items } = await client.list(processes);
    if (items.length !== this.#count) throw new Error(`${items.length} of ${this.#count} processes`);
  }

  async stop(): Promise<void> {
    await this.daemon.kill();
    endAll([...living(this.daemon.dataDir).values()].flat());
    this.ledger.close();
  }
}

/** Its own brakes are off, and nothing is left that Windows would start. */
const SETTINGS = [
  ["AppThrottle", "0"],
  ["AppRestartDelay", "0"],
  ["Start", "SERVICE_DEMAND_START"],
];

/** One service per child, as nssm is used. */
export class Nssm implements Supervisor {
  readonly ledger: Ledger;
  readonly #manager = new ServiceManager({ api: loadServiceApi(), clock: systemClock });
  readonly #names: string[] = [];
  readonly #settings: readonly string[][];

  /** More settings, as in `["AppNoConsole", "1"]`. */
  constructor(folder: string, ...settings: string[][]) {
    this.ledger = new Ledger(join(folder, "ledger"));
    this.#settings = settings;
  }

  async prepare(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const name = `bench-${randomUUID()}`;
      await this.#nssm("install", name, programs.witness);
      this.#names.push(name);
      const environment = [`BENCH_LEDGER=${this.ledger.path}`, `BENCH_ID=c${index}`];
      await this.#nssm("set", name, "AppEnvironmentExtra", ...environment);
      for (const setting of [...SETTINGS, ...this.#settings]) await this.#nssm("set", name, ...setting);
    }
  }

  async launch(): Promise<void> {
    for (const name of this.#names) this.#manager.start(name);
  }

  async stop(): Promise<void> {
    for (const name of this.#names) this.#manager.stop(name, { keepWorkloads: false });
    const isStopped = (name: string): boolean => this.#manager.status(name)?.state === "Stopped";
    await until(() => this.#names.every(isStopped), "the services have stopped");
    for (const name of this.#names) this.#manager.remove(name);
    endAll(this.ledger.pids().values());
    this.ledger.close();
  }

  async #nssm(...args: string[]): Promise<void> {
    const code = await run(programs.nssm, ...args);
    if (code !== 0) throw new Error(`nssm ${args.join(" ")} ended with ${code}`);
  }
}

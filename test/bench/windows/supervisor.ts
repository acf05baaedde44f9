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
import { endAll, programs, succeed, until } from "./programs.ts";

/** Keeps witnesses `c0`, `c1`, ... running; their starts are in the ledger. */
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

/** One service per child, as nssm is used. */
export class Nssm implements Supervisor {
  readonly ledger: Ledger;
  readonly #folder: string;
  readonly #settings: Readonly<Record<string, number>>;
  readonly #manager = new ServiceManager({ api: loadServiceApi(), clock: systemClock });
  readonly #names: string[] = [];

  /** More settings, as in `{ AppNoConsole: 1 }`. */
  constructor(folder: string, settings: Readonly<Record<string, number>> = {}) {
    this.ledger = new Ledger(join(folder, "ledger"));
    this.#folder = folder;
    // Its own throttling of restarts is off.
    this.#settings = { AppThrottle: 0, AppRestartDelay: 0, ...settings };
  }

  async prepare(count: number): Promise<void> {
    const parameters: string[] = [];
    for (let index = 0; index < count; index++) {
      const name = `bench-${randomUUID()}`;
      await succeed(programs.nssm, "install", name, programs.witness);
      this.#names.push(name);
      parameters.push(this.#parametersOf(name, `c${index}`));
    }
    // What `nssm set` would write, for all at once.
    const file = join(this.#folder, "parameters.reg");
    writeFileSync(file, `\ufeffWindows Registry Editor Version 5.00\r\n\r\n${parameters.join("")}`, "utf16le");
    await succeed("reg", "import", file);
  }

  #parametersOf(name: string, id: string): string {
    const environment = [`BENCH_LEDGER=${this.ledger.path}`, `BENCH_ID=${id}`];
    const service = `HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\${name}`;
    const lines = [
      `[${service}]`,
      '"Start"=dword:00000003', // On demand: what a broken run leaves behind is started by nobody.
      `[${service}\\Parameters]`,
      `"AppEnvironmentExtra"=hex(7):${hexOf(environment)}`,
      ...Object.entries(this.#settings).map(([key, value]) => `"${key}"=dword:${value.toString(16).padStart(8, "0")}`),
    ];
    return `${lines.join("\r\n")}\r\n\r\n`;
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
}

/** REG_MULTI_SZ as a .reg file has it. */
function hexOf(texts: readonly string[]): string {
  const bytes = Buffer.from(`${texts.map((text) => `${text}\0`).join("")}\0`, "utf16le");
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(",");
}

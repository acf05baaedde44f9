import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * The places of an Instance below the data directory. The folder is the daemon's; only `work` belongs to the account of the workload. So a workload
 * can swap nothing that the daemon opens, removes or trusts (S11).
 */
export class InstanceFiles {
  readonly root: string;

  constructor(dataDir: string) {
    this.root = join(dataDir, "instances");
    mkdirSync(this.root, { recursive: true, mode: 0o711 });
  }

  /** Instances that have a folder. */
  uids(): string[] {
    return readdirSync(this.root).map(decodeName);
  }

  folder(uid: string): string {
    return join(this.root, encodeName(uid));
  }

  logs(uid: string): string {
    return join(this.folder(uid), "logs");
  }

  work(uid: string): string {
    return join(this.folder(uid), "work");
  }

  record(uid: string, run: number): string {
    return join(this.folder(uid), `run-${run}.jsonl`);
  }

  log(uid: string, run: number, stream: "out" | "err"): string {
    return join(this.logs(uid), `${run}.${stream}`);
  }

  /** The run that a log belongs to: the reverse of `log`. */
  runOf(log: string): { uid: string; run: number } {
    return { uid: decodeName(basename(dirname(dirname(log)))), run: Number.parseInt(basename(log), 10) };
  }

  /** Makes the folders of a new Instance; existing ones are left as they are. */
  create(uid: string): void {
    if (existsSync(this.work(uid))) return; // It is the last one to be made.
    mkdirSync(this.folder(uid), { recursive: true, mode: 0o711 });
    mkdirSync(this.logs(uid), { recursive: true, mode: 0o700 });
    mkdirSync(this.work(uid), { recursive: true, mode: 0o700 });
  }
}

/** Injective, and safe on every file system: uids are what the API server made (lower-case UUIDs), anything else is percent-encoded. */
export function encodeName(uid: string): string {
  if (uid === "") throw new Error("an instance without a uid has no folder");
  return uid.replace(/[^a-z0-9-]/gu, (c) =>
    [...Buffer.from(c, "utf8")].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  );
}

export function decodeName(name: string): string {
  return Buffer.from(
    name.replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");
}

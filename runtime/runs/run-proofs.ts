import { createHmac, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import { readOrCreateRandom } from "../random-file.ts";

/** A run of an Instance, and the account whose rights it was given: the uid in decimal digits, on Windows the SID. */
export interface ProvenRun {
  uid: string;
  run: number;
  accountId: string;
}

const KEY_BYTES = 32;
const PROOF_DIGITS = 32;

/**
 * Proofs that only this daemon can have made (P22): a code over a run and its account, under a key that lies in the data directory for the daemon
 * alone. A workload gets the proof of its run in its environment, where no other account can read it. So a marker that others make up proves nothing.
 * A marker that we made proves its run without any record, also after a full disk or damage (docs/decisions/0015).
 */
export class RunProofs {
  readonly #key: Buffer;

  /** Makes the key when there is none. Throws when it is damaged. */
  constructor(dataDir: string) {
    this.#key = readRunKey(dataDir);
  }

  /** 32 hexadecimal digits: 128 bits. */
  of({ uid, run, accountId }: ProvenRun): string {
    const text = JSON.stringify([uid, run, accountId]);
    return createHmac("sha256", this.#key).update(text).digest("hex").slice(0, PROOF_DIGITS);
  }

  holds(run: ProvenRun, proof: string): boolean {
    const [given, right] = [Buffer.from(proof), Buffer.from(this.of(run))];
    return given.length === right.length && timingSafeEqual(given, right);
  }
}

/** The key of this data directory, which no other account can read. Makes it when there is none. Throws when it is damaged. */
export function readRunKey(dataDir: string): Buffer {
  const advice = "restore it, or remove it when no workload runs; without cgroups those that run are not known again";
  return Buffer.from(readOrCreateRandom(join(dataDir, "run-key"), KEY_BYTES, advice), "hex");
}

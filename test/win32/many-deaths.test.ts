import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { randomFrom } from "../random.ts";
import { deathRounds } from "./death-rounds.ts";
import { isWindows } from "./platform.ts";

const skip = isWindows ? false : "needs Windows: make test-windows";
const built = fileURLToPath(new URL("../../dist/wctl.exe", import.meta.url));
const seed = Number(process.env.WCTL_CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const WORKLOADS = 20;
const ROUNDS = 5;

describe(`kill -9 of wctl.exe, ${ROUNDS} times with ${WORKLOADS} workloads (WCTL_CHAOS_SEED=${seed})`, { skip }, () => {
  it("loses none, starts none twice, keeps every pid and every acknowledged write", async () => {
    assert.ok(existsSync(built), "dist/wctl.exe is not there; make dist builds it");
    const folder = mkdtempSync(join(tmpdir(), "wctl-deaths-"));
    const random = randomFrom(seed);
    const { changed, lost, twice, writesLost, writesAcknowledged } = await deathRounds({
      program: built,
      folder,
      workloads: WORKLOADS,
      rounds: ROUNDS,
      random,
    });
    assert.deepEqual({ changed, lost, twice, writesLost }, { changed: [], lost: [], twice: [], writesLost: [] });
    assert.ok(writesAcknowledged > 0, "writes were answered, so that some could be lost");
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });
});

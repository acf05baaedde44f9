import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { historyWith } from "../../../controllers/git-source/applied-history.ts";

const NOW = new Date("2026-03-01T12:00:00Z");
const entry = (revision: string, appliedAt = "2026-02-01T00:00:00Z") => ({ revision, appliedAt });

describe("the history of what was applied", () => {
  it("has the newest first, once while it stays, and again when it is applied after another", () => {
    const first = historyWith([], "main@sha1:a", NOW);
    assert.deepEqual(first, [entry("main@sha1:a", "2026-03-01T12:00:00Z")]);
    assert.equal(historyWith(first, "main@sha1:a", NOW), first);
    const back = historyWith([entry("main@sha1:b"), entry("main@sha1:a")], "main@sha1:a", NOW);
    assert.deepEqual(
      back.map(({ revision }) => revision),
      ["main@sha1:a", "main@sha1:b", "main@sha1:a"],
    );
  });

  it("keeps ten", () => {
    const full = Array.from({ length: 10 }, (_, at) => entry(`main@sha1:${at}`));
    const next = historyWith(full, "main@sha1:x", NOW);
    assert.deepEqual([next.length, next[0]?.revision, next[9]?.revision], [10, "main@sha1:x", "main@sha1:8"]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { countKept } from "../../../runtime/logs/retention.ts";
import type { LogPolicy } from "../../../runtime/runtime.ts";

const NOW = Date.parse("2026-01-10T00:00:00Z");
const policy: LogPolicy = { maxSize: 100, maxFiles: 5, stderr: "Merge" };
/** Ascending: each ended an hour before the next one, the last an hour ago. */
const runs = (...bytes: number[]) =>
  bytes.map((size, index) => ({ bytes: size, endedAt: NOW - (bytes.length - index) * 3_600_000 }));

describe("earlier runs whose output is kept", () => {
  const table: [what: string, earlier: number[], Partial<LogPolicy>, kept: number][] = [
    ["none of none", [], {}, 0],
    ["as many as maxFiles has beside the newest run", [1, 1, 1, 1, 1, 1], {}, 4],
    ["no one with maxFiles: 1", [1, 1], { maxFiles: 1 }, 0],
    ["what has room in maxTotalSize beside all that the newest run may write", [30, 30, 20], { maxTotalSize: 150 }, 2],
    ["to the last byte", [30, 30, 20], { maxTotalSize: 180 }, 3],
    ["with room for both streams", [30, 30, 20], { maxTotalSize: 280, stderr: "Separate" }, 3],
    ["nothing that is older than what had no room", [1, 90, 10], { maxTotalSize: 150 }, 1],
    ["nothing where the newest run may take all", [1, 0], { maxTotalSize: 100 }, 1],
    ["what ended within maxAgeSeconds", [1, 1, 1], { maxAgeSeconds: 2 * 3600 }, 2],
    ["nothing that is too old", [1, 1, 1], { maxAgeSeconds: 60 }, 0],
    ["what all of them allow", [1, 1, 1, 1], { maxAgeSeconds: 3 * 3600, maxTotalSize: 102, maxFiles: 4 }, 2],
  ];
  for (const [what, earlier, more, kept] of table) {
    it(what, () => assert.equal(countKept(runs(...earlier), { ...policy, ...more }, NOW), kept));
  }
});

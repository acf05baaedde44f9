import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accountAndLimits, limitText } from "../../../../cmd/wctl/text/account-and-limits.ts";

describe("the account and limits of running programs", () => {
  const spec = { command: "/bin/web", nodeName: "here", index: 0, revision: "r1", processName: "web" };

  it("are told as people write them, and say which limits the daemon chose", () => {
    const declared = { ...spec, resources: { limits: { memory: "512Mi" } } };
    const status = { account: "LocalSystem", limits: { memory: 536_870_912, cpu: 0.5, processes: 4096 } };
    assert.deepEqual(accountAndLimits([{ spec: declared, status }]), [
      ["Runs As", "LocalSystem"],
      ["Runs Within", "memory 512Mi, cpu 500m (the daemon's default), processes 4096 (the daemon's default)"],
    ]);
  });

  it("are told so of a manifest too, which may say a number of bytes", () => {
    assert.equal(limitText("memory", 536_870_912), "512Mi");
    assert.equal(limitText("memory", "512Mi"), "512Mi");
    assert.equal(limitText("processes", 12), "12");
  });

  it("are told once when all copies have the same, and are absent when nothing runs", () => {
    const copy = { spec, status: { limits: { memory: 500_000_000 } } };
    assert.equal(accountAndLimits([copy, copy])[1]?.[1], "memory 500M (the daemon's default)");
    assert.deepEqual(accountAndLimits([{ spec }]), [
      ["Runs As", undefined],
      ["Runs Within", undefined],
    ]);
  });
});

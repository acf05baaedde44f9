import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { relabel } from "../../../controllers/process/relabel.ts";
import { aProcess, replicas, situation } from "./objects.ts";

/** The labels that the replicas of `made`, as it made them, get from `now`. */
const relabelled = (made: number, now: number) =>
  relabel(situation(aProcess({ replicas: now }), replicas(aProcess({ replicas: made }), "ready", "ready")), []).flatMap(
    (step) => (step.do === "relabel" ? [[step.replica.index, step.labels["wctl.dev/stand-in"]]] : []),
  );

describe("a stand-in", () => {
  it("is called so as long as it is one", () => {
    assert.deepEqual(relabelled(1, 1), []);
  });
  it("is none any more when replicas is raised to it", () => {
    assert.deepEqual(relabelled(1, 2), [[1, undefined]]);
  });
  it("is nobody who was made as one of the replicas, also when replicas is lowered", () => {
    assert.deepEqual(relabelled(2, 1), []);
    assert.deepEqual(relabelled(2, 2), []);
  });
});

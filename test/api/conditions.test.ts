import assert from "node:assert/strict";
import { test } from "node:test";
import { type Condition, findCondition, isTrue, setCondition } from "../../api/conditions.ts";

const then: Condition = {
  type: "Ready",
  status: "False",
  reason: "InstanceNotReady",
  message: "0 of 1 instances ready",
  lastTransitionTime: "2026-01-01T00:00:00Z",
  observedGeneration: 1,
};
const now = new Date("2026-01-02T03:04:05.678Z");
const { lastTransitionTime, ...said } = then;

test("a new condition goes to the end with the time of now", () => {
  const conditions = setCondition([then], { ...said, type: "Progressing" }, now);
  assert.deepEqual(conditions, [then, { ...then, type: "Progressing", lastTransitionTime: "2026-01-02T03:04:05Z" }]);
});

test("the transition time moves only with the status", () => {
  const reworded = setCondition([then], { ...said, message: "1 of 2 instances ready", observedGeneration: 2 }, now);
  assert.equal(reworded[0]?.lastTransitionTime, lastTransitionTime);
  assert.equal(reworded[0]?.message, "1 of 2 instances ready");
  const turned = setCondition(reworded, { ...said, status: "True" }, now);
  assert.equal(turned[0]?.lastTransitionTime, "2026-01-02T03:04:05Z");
});

test("nothing new gives the same array; what was given is never changed", () => {
  const conditions = Object.freeze([Object.freeze({ ...then })]) as Condition[];
  assert.equal(setCondition(conditions, said, now), conditions);
  assert.notEqual(setCondition(conditions, { ...said, reason: "Other" }, now), conditions);
});

test("finding and asking", () => {
  assert.equal(findCondition([then], "Ready"), then);
  assert.equal(findCondition(undefined, "Ready"), undefined);
  assert.equal(isTrue([then], "Ready"), false);
  assert.equal(isTrue([{ ...then, status: "True" }], "Ready"), true);
});

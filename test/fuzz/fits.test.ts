import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { misfits } from "./fits.ts";
import { Components } from "./published.ts";

const components = new Components({
  Meta: { type: "object", properties: { name: { type: "string", maxLength: 3 } } },
  Thing: {
    type: "object",
    required: ["spec"],
    properties: {
      metadata: { allOf: [{ $ref: "#/components/schemas/Meta" }], description: "Of it." },
      spec: { type: "object", additionalProperties: { "x-kubernetes-int-or-string": true } },
      times: { type: "array", items: { type: "string", format: "date-time", nullable: true } },
      phase: { type: "string", enum: ["On", "Off"] },
      free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    },
  },
});
const faults = (value: unknown): string[] => misfits(value, { $ref: "#/components/schemas/Thing" }, components);

describe("what does not fit a published schema", () => {
  const whole = {
    metadata: { name: "web" },
    spec: { a: 1, b: "1" },
    times: ["2026-01-02T03:04:05Z", null],
    phase: "On",
    free: { x: [1] },
  };
  const odd: [unknown, RegExp][] = [
    [{ ...whole, spec: undefined }, /spec: required and missing/],
    [{ ...whole, more: 1 }, /more: no such field/],
    [{ ...whole, metadata: { name: "long" } }, /metadata.name: too long/],
    [{ ...whole, metadata: { name: 1 } }, /metadata.name: number instead of string/],
    [{ ...whole, spec: { a: 1.5 } }, /spec.a: number/],
    [{ ...whole, spec: [] }, /spec: array instead of object/],
    [{ ...whole, times: ["soon"] }, /times\[0\]: "soon" is no date-time/],
    [{ ...whole, phase: "In" }, /phase: "In" is not in enum/],
    [{ ...whole, phase: null }, /phase: null/],
    ["text", /the answer: string instead of object/],
  ];
  it("is named with its place, and nothing else is", () => {
    assert.deepEqual(faults(whole), []);
    for (const [value, said] of odd) assert.match(faults(value).join(), said);
  });
});

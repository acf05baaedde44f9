import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { OwnerReference, Stored } from "../../../api/object.ts";
import { type OwnerState, plan, type Step } from "../../../controllers/garbage-collector/plan.ts";

const reference = (uid: string): OwnerReference => ({ apiVersion: "v1", kind: "ConfigMap", name: uid, uid });
const object = (metadata: Partial<Stored["metadata"]> = {}): Stored => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "it", uid: "it", resourceVersion: "1", creationTimestamp: "", ...metadata },
});
const going = { deletionTimestamp: "2026-01-01T00:00:00Z" };

interface Case {
  title: string;
  it?: Partial<Stored["metadata"]>;
  owners?: OwnerState[];
  dependents?: { blocks: boolean }[];
  grace?: number;
  expected: Step;
}

const cases: Case[] = [
  { title: "leaves alone what has no owner", expected: { do: "nothing" } },
  { title: "leaves alone what has an owner", owners: ["present"], expected: { do: "nothing" } },
  { title: "leaves alone what may have an owner", owners: ["unknown"], expected: { do: "nothing" } },
  {
    title: "deletes what has lost its owner",
    owners: ["absent"],
    expected: { do: "delete", propagation: "Background" },
  },
  {
    title: "keeps what has one owner left, and forgets the others",
    owners: ["absent", "present", "waiting"],
    expected: { do: "drop-owners", uids: ["owner-0", "owner-2"] },
  },
  {
    title: "never deletes while one owner is not known to be gone",
    owners: ["absent", "unknown"],
    expected: { do: "drop-owners", uids: ["owner-0"] },
  },
  {
    title: "deletes what its owner waits for",
    owners: ["waiting"],
    expected: { do: "delete", propagation: "Background" },
  },
  {
    title: "deletes what its owner waits for from the leaves up",
    owners: ["waiting"],
    dependents: [{ blocks: true }],
    expected: { do: "delete", propagation: "Foreground" },
  },
  {
    title: "hurries what is going when its owner is given less time",
    it: { ...going, deletionGracePeriodSeconds: 30 },
    owners: ["waiting"],
    grace: 1,
    expected: { do: "shorten-grace", graceSeconds: 1 },
  },
  {
    title: "never gives more time to what is going",
    it: { ...going, deletionGracePeriodSeconds: 1 },
    owners: ["waiting"],
    grace: 30,
    expected: { do: "nothing" },
  },
  {
    title: "respects the wish to orphan",
    it: { finalizers: ["orphan"] },
    owners: ["absent"],
    expected: { do: "delete", propagation: "Orphan" },
  },
  {
    title: "waits for dependents that block",
    it: { ...going, finalizers: ["foregroundDeletion"] },
    dependents: [{ blocks: true }],
    expected: { do: "nothing" },
  },
  {
    title: "does not wait for dependents that do not block",
    it: { ...going, finalizers: ["foregroundDeletion"] },
    dependents: [{ blocks: false }],
    expected: { do: "remove-finalizer", finalizer: "foregroundDeletion" },
  },
  {
    title: "releases dependents that are to be orphaned",
    it: { ...going, finalizers: ["orphan"] },
    dependents: [{ blocks: true }],
    expected: { do: "release-dependents" },
  },
  { title: "leaves other finalizers to others", it: { ...going, finalizers: ["x"] }, expected: { do: "nothing" } },
];

describe("plan of the garbage collector", () => {
  for (const { title, it: metadata, owners = [], dependents = [], grace, expected } of cases) {
    it(title, () => {
      const states = owners.map((state, index) => ({ reference: reference(`owner-${index}`), state }));
      const given = grace === undefined ? {} : { grace };
      assert.deepEqual(plan({ object: object(metadata), owners: states, dependents, ...given }), expected);
    });
  }
});

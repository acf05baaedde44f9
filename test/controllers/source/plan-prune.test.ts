import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { configMaps, processes } from "../../../api/scheme.ts";
import type { Declared, Desired } from "../../../controllers/source/desired.ts";
import type { Made } from "../../../controllers/source/inventory.ts";
import { type PruneSituation, planPrune } from "../../../controllers/source/plan-prune.ts";
import { identity } from "./memory-reader.ts";

const made = (name: string, file = `${name}.yaml`): Made => ({
  id: name,
  resource: configMaps,
  object: {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name,
      uid: name,
      resourceVersion: "1",
      creationTimestamp: "",
      annotations: { "wctl.dev/source-file": file },
    },
  },
});
const many = (count: number): Made[] => Array.from({ length: count }, (_, index) => made(`o${index}`));
const declaring = (names: string[], more: Partial<Desired> = {}): Desired => ({
  objects: new Map(names.map((name) => [name, {} as Declared])),
  contested: new Set(),
  broken: new Set(),
  problems: [],
  ...more,
});

const running = (one: Made, annotations: Record<string, string>): Made => ({
  ...one,
  resource: processes,
  object: { ...one.object, metadata: { ...one.object.metadata, annotations } },
});
const stopping = (names: string[]): Desired =>
  declaring([], {
    objects: new Map(
      names.map((name) => [name, { object: { metadata: {}, spec: { replicas: 0 } } } as unknown as Declared]),
    ),
  });

interface Case extends Partial<Omit<PruneSituation, "missingMs">> {
  title: string;
  missingMs?: number;
  pruned: string[];
  waitMs?: number;
  refused?: RegExp;
}

const cases: Case[] = [
  {
    title: "prunes what is not declared any more",
    made: [made("a"), made("b")],
    desired: declaring(["a"]),
    pruned: ["b"],
  },
  { title: "prunes the last one", made: [made("a")], isEmpty: true, pruned: ["a"] },
  { title: "waits until it has stayed away", made: [made("a")], missingMs: 300, pruned: [], waitMs: 700 },
  {
    title: "keeps what a broken file made",
    made: [made("a"), made("b")],
    desired: declaring([], { broken: new Set(["a.yaml"]) }),
    pruned: ["b"],
  },
  {
    title: "keeps everything while a new file is broken: it may be a renamed one",
    made: [made("a"), made("b")],
    desired: declaring([], { broken: new Set(["new.yaml"]) }),
    pruned: [],
  },
  {
    title: "keeps what two files declare",
    made: [made("a")],
    desired: declaring([], { contested: new Set(["a"]) }),
    pruned: [],
  },
  {
    title: "prunes nothing for an empty source that was never seen otherwise",
    made: [made("a")],
    isEmpty: true,
    isKnown: false,
    pruned: [],
    refused: /is it mounted\?/,
  },
  {
    title: "refuses to prune more than half when that is more than ten",
    made: many(20),
    desired: declaring(many(9).map(({ id }) => id)),
    pruned: [],
    refused: /11 of 20 objects would be pruned at once/,
  },
  {
    title: "prunes half without asking",
    made: many(20),
    desired: declaring(many(10).map(({ id }) => id)),
    pruned: many(20)
      .slice(10)
      .map(({ id }) => id),
  },
  {
    title: "refuses nothing where nothing is pruned at all, however much is missing",
    made: many(20),
    isWhole: true,
    prunes: false,
    pruned: [],
  },
  {
    title: "does not count as stopped what somebody has paused",
    made: many(11).map((one) => running(one, { "wctl.dev/reconcile": "disabled" })),
    desired: stopping(many(11).map(({ id }) => id)),
    isWhole: true,
    pruned: [],
  },
  {
    title: "counts what it stops",
    made: many(11).map((one) => running(one, {})),
    desired: stopping(many(11).map(({ id }) => id)),
    isWhole: true,
    pruned: [],
    refused: /11 of 11 objects would be pruned or stopped at once/,
  },
  {
    title: "prunes all when somebody confirmed it",
    made: many(20),
    isApproved: true,
    pruned: many(20).map(({ id }) => id),
  },
];

describe("planPrune", () => {
  for (const { title, pruned, waitMs, refused, missingMs = 1_000, ...given } of cases) {
    it(title, () => {
      const source = identity("shelf");
      const limits = { few: 10, share: 0.5 };
      const asUsual = { isEmpty: false, isKnown: true, isApproved: false, isWhole: false, prunes: true };
      const plain = { source, limits, desired: declaring([]), made: [], ...asUsual };
      const result = planPrune({ ...plain, ...given, missingMs: () => missingMs });
      assert.deepEqual(
        result.prune.map(({ id }) => id),
        pruned,
      );
      assert.equal(result.waitMs, waitMs);
      if (refused) assert.match(result.refusal ?? "", refused);
      else assert.equal(result.refusal, undefined);
    });
  }
});

/** The real kubectl, of each Debian that ships one, drives the built daemon: each command of a table, and what it did. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { bringAll } from "../../scripts/kubectl/debian.ts";
import { DaemonUnderTest } from "../e2e/daemon-under-test.ts";
import { Bench } from "./bench.ts";
import { applying } from "./groups/applying.ts";
import { asking } from "./groups/asking.ts";
import { coreKinds } from "./groups/core-kinds.ts";
import { deleting } from "./groups/deleting.ts";
import { patching } from "./groups/patching.ts";
import { reading } from "./groups/reading.ts";
import { refused } from "./groups/refused.ts";
import { running } from "./groups/running.ts";
import { writing } from "./groups/writing.ts";
import { holdsFor } from "./row.ts";

const groups = [asking, reading, writing, patching, coreKinds, applying, running, deleting, refused];
/** These ask no server. */
const local = ["completion", "kuberc", "kustomize", "plugin"];
/** `MISSING=1` also runs the rows that say they do not work yet. */
const withMissing = process.env.MISSING === "1";
const brought = await bringAll();
/** The newest; CI, or `KUBECTL=all`, runs the list with each: a start of kubectl costs what a dozen answers do. */
const isEach = process.env.CI === "true" || process.env.KUBECTL === "all";
const kubectls = isEach ? brought : brought.slice(-1);
const last = kubectls.findLast((kubectl) => "path" in kubectl);

describe("kubectl", { concurrency: true }, () => {
  let daemon: DaemonUnderTest;
  before(async () => {
    daemon = await DaemonUnderTest.start();
  });
  after(() => daemon.dispose());

  for (const kubectl of kubectls) {
    if ("missing" in kubectl) {
      it(`of ${kubectl.release}`, { skip: kubectl.missing }, () => {});
      continue;
    }
    describe(`1.${kubectl.minor}`, { concurrency: false }, () => {
      let bench: Bench;
      before(async () => {
        bench = await Bench.open(daemon, kubectl);
      });
      after(() => bench.close());
      it(`1.${kubectl.minor}: has rows for each of its commands`, async () => {
        const rows = groups.flatMap(({ rows }) => rows).filter((row) => holdsFor(row, kubectl.minor));
        const called = new Set([...rows.map(({ run }) => run.split(" ")[0]), ...local]);
        assert.deepEqual(
          (await bench.commands()).filter((command) => !called.has(command)),
          [],
        );
      });
      for (const { title, given, rows } of groups) {
        describe(title, () => {
          if (given !== undefined) before(() => bench.given(given));
          const own = rows.filter((row) => holdsFor(row, kubectl.minor) && (!row.once || kubectl === last));
          for (const row of own)
            it(`1.${kubectl.minor}: ${row.run}`, { skip: withMissing ? false : (row.missing ?? false) }, () =>
              bench.check(row),
            );
        });
      }
    });
  }
});

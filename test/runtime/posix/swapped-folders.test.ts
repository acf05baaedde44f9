/** The account of a program renames folders and plants links while the daemon, as root, works in its home: at each single moment. */
import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { PosixFileWriter } from "../../../runtime/posix/files/file-writer.ts";
import { giveFolder } from "../../../runtime/posix/process/give-folder.ts";
import { swapBetweenCalls } from "./swap-between-calls.ts";

const [FORMER, NEXT] = [61_001, 61_002];
const isRoot = process.geteuid!() === 0;

interface Ground {
  /** The home, of the account. */
  work: string;
  /** Where a link may lead: root's, but all may write to it, and one file in it is the account's. */
  victim: string;
  /** A folder of the account elsewhere. */
  elsewhere: string;
}

/** The account moves a folder away and puts a link to root's in its place. */
const swaps: [what: string, swap: (ground: Ground) => void][] = [
  ["a folder by a link", ({ work, victim, elsewhere }) => plant(join(work, "deep"), victim, join(elsewhere, "deep"))],
  [
    "an inner folder by a link",
    ({ work, victim, elsewhere }) => plant(join(work, "deep/er"), victim, join(elsewhere, "er")),
  ],
  [
    "a file by a link",
    ({ work, victim, elsewhere }) => plant(join(work, "deep/er/data"), join(victim, "secret"), join(elsewhere, "data")),
  ],
  ["the home itself by a link", ({ work, victim, elsewhere }) => plant(work, victim, join(elsewhere, "work"))],
];

/** It may have been moved already. */
function plant(path: string, target: string, away: string): void {
  if (!lstatSync(path, { throwIfNoEntry: false })) return;
  renameSync(path, away);
  symlinkSync(target, path);
}

describe("folders that are exchanged while root works in them", { skip: !isRoot && "needs root" }, () => {
  function grounds(t: TestContext): () => Ground {
    const top = mkdtempSync(join(tmpdir(), "wctl-swap-"));
    t.after(() => rmSync(top, { recursive: true }));
    chmodSync(top, 0o755);
    let number = 0;
    return () => {
      const own = join(top, String(number++));
      const [work, victim, elsewhere] = [join(own, "work"), join(own, "victim"), join(own, "elsewhere")];
      for (const folder of [join(work, "deep/er"), join(victim, "er"), elsewhere])
        mkdirSync(folder, { recursive: true });
      for (const file of ["secret", "er/data", "data"]) writeFileSync(join(victim, file), "root's", { mode: 0o600 });
      for (const folder of [victim, join(victim, "er")]) chmodSync(folder, 0o777);
      chownSync(join(victim, "er/data"), FORMER, FORMER);
      writeFileSync(join(work, "deep/er/data"), "own");
      for (const path of [work, join(work, "deep"), join(work, "deep/er"), join(work, "deep/er/data"), elsewhere])
        chownSync(path, FORMER, FORMER);
      return { work, victim, elsewhere };
    };
  }

  const judge = ({ victim }: Ground, moment: string): void => {
    for (const [name, owner] of [
      ...[".", "secret", "er", "data"].map((one) => [one, 0] as const),
      ["er/data", FORMER] as const,
    ]) {
      const { uid, gid } = lstatSync(join(victim, name));
      assert.deepEqual([uid, gid], [owner, owner], `${name}, ${moment}`);
    }
    assert.deepEqual(readdirSync(victim).toSorted(), ["data", "er", "secret"], moment);
    assert.deepEqual(readdirSync(join(victim, "er")), ["data"], moment);
    for (const file of ["secret", "er/data", "data"])
      assert.equal(readFileSync(join(victim, file), "utf8"), "root's", `${file}, ${moment}`);
  };

  for (const [what, swap] of swaps) {
    it(`nothing outside the home changes its owner when ${what} is exchanged`, (t) => {
      const act = ({ work }: Ground): void => giveFolder(work, { uid: NEXT, gid: NEXT });
      assert.ok(swapBetweenCalls({ setUp: grounds(t), judge }, swap, act) > 10, "at many moments");
    });

    it(`nothing outside the home is written or removed when ${what} is exchanged`, (t) => {
      const writer = new PosixFileWriter({ name: "former", uid: FORMER, gid: FORMER, groups: [FORMER] });
      const file = { path: "deep/er/data", content: Buffer.from("new"), mode: 0o644, isSecret: true };
      const placeIn = (work: string) => ({ root: work, isHome: true, folders: ["deep", "er"], name: "data" });
      const setUp = grounds(t);
      const write = ({ work }: Ground): void => writer.write(placeIn(work), file);
      assert.ok(swapBetweenCalls({ setUp, judge }, swap, write) > 10, "at many moments");
      const remove = ({ work }: Ground): void => writer.remove(placeIn(work));
      assert.ok(swapBetweenCalls({ setUp, judge }, swap, remove) > 5, "at many moments");
    });
  }
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { wctlVersion } from "../../lib/version.ts";
import { checkTag, releaseNotes } from "../../scripts/dist/release-notes.ts";

const read = (name: string): string => readFileSync(join(import.meta.dirname, "../..", name), "utf8");

const changelog = `# Changelog

## [Unreleased]

## [1.10.0] - 2026-02-01

### Added

- A line.

## [1.1.0] - 2026-01-01

- Another one.
`;

describe("the notes of a release", () => {
  it("are the section of its version, and nothing of its neighbours", () => {
    assert.equal(releaseNotes(changelog, "1.10.0"), "### Added\n\n- A line.\n");
    assert.equal(releaseNotes(changelog, "1.1.0"), "- Another one.\n");
  });

  it("are refused when there is nothing to say", () => {
    assert.throws(() => releaseNotes(changelog, "1.1"), /no section ## \[1\.1\]/);
    assert.throws(() => releaseNotes(changelog, "Unreleased"), /says nothing/);
  });

  it("are there for the version that is in the sources", () => {
    assert.ok(releaseNotes(read("CHANGELOG.md"), wctlVersion).length > 0);
  });
});

describe("a tag", () => {
  it("is that of the version, and nothing else", () => {
    checkTag("v1.2.3", "1.2.3");
    for (const wrong of ["1.2.3", "v1.2.4", "v1.2.3-rc.1", ""])
      assert.throws(() => checkTag(wrong, "1.2.3"), /v1\.2\.3/);
  });

  it("has one version to be compared with: package.json, its lock and the program say the same", () => {
    const lock = JSON.parse(read("package-lock.json"));
    const versions = [JSON.parse(read("package.json")).version, lock.version, lock.packages[""].version];
    assert.deepEqual(versions, [wctlVersion, wctlVersion, wctlVersion]);
  });
});

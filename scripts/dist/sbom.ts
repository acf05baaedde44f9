import { createHash } from "node:crypto";

interface LockedPackage {
  name?: string;
  version: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  os?: string[];
  cpu?: string[];
  dependencies?: Record<string, string>;
}

export interface PackageLock {
  packages: Record<string, LockedPackage>;
}

/**
 * What is inside wctl.exe, as CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json): the packages of the lock file that run, for Windows
 * on x64, with the hashes that npm checked. Without a time, so that two builds of the same sources are the same.
 */
export function sbomOf(lock: PackageLock, { version, program }: { version: string; program: Uint8Array }): object {
  const components = Object.entries(lock.packages)
    .filter(([path, found]) => path !== "" && !found.dev && runsOnWindows(found))
    .map(([path, found]) => componentOf(path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length), found))
    .filter((component, index, all) => all.findIndex((other) => other["bom-ref"] === component["bom-ref"]) === index)
    .sort((a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1));
  const hash = createHash("sha256").update(program).digest("hex");
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": `pkg:generic/wctl@${version}`,
        name: "wctl",
        version,
        purl: `pkg:generic/wctl@${version}`,
        licenses: [{ license: { id: "Apache-2.0" } }],
        hashes: [{ alg: "SHA-256", content: hash }],
      },
    },
    components,
    dependencies: [
      { ref: `pkg:generic/wctl@${version}`, dependsOn: components.map((component) => component["bom-ref"]) },
    ],
  };
}

const runsOnWindows = ({ os, cpu }: LockedPackage): boolean =>
  (os === undefined || os.includes("win32")) && (cpu === undefined || cpu.includes("x64"));

function componentOf(name: string, { version, integrity, license, resolved }: LockedPackage) {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    purl,
    ...(license === undefined ? {} : { licenses: [licenseOf(license)] }),
    ...(integrity === undefined ? {} : { hashes: [hashOf(integrity)] }),
    ...(resolved === undefined ? {} : { externalReferences: [{ type: "distribution", url: resolved }] }),
  };
}

/** `MIT` is an id; `(MIT OR Apache-2.0)` is an expression. */
const licenseOf = (license: string): object =>
  /\s/.test(license) ? { expression: license } : { license: { id: license } };

/** `sha512-...` in base64 -> what CycloneDX wants. */
function hashOf(integrity: string): object {
  const [algorithm = "", content = ""] = integrity.split("-", 2);
  return { alg: algorithm.replace("sha", "SHA-"), content: Buffer.from(content, "base64").toString("hex") };
}

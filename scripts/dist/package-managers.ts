import { stringify } from "yaml";

export interface Release {
  version: string;
  /** Where the files of a release are found; ends in a slash. */
  url: string;
  /** SHA-256 in hex. */
  exe: string;
  /** Absent when no installer was made. */
  msi?: { file: string; hash: string; productCode: string };
}

/** Nobody can publish a manifest with this by accident: the name never leads anywhere (RFC 2606). */
const NOWHERE = "https://release-url-is-not-set.invalid/";

/**
 * Where a release will be found, from what the maker says (RELEASE_URL): https, with or without a slash at its end. Throws for anything
 * else. `isKnown` is false when nothing was said.
 */
export function releaseUrl(said: string | undefined): { url: string; isKnown: boolean } {
  if (said === undefined || said === "") return { url: NOWHERE, isKnown: false };
  const { protocol, search, hash } = URL.canParse(said) ? new URL(said) : { protocol: "", search: "", hash: "" };
  if (protocol !== "https:" || search !== "" || hash !== "") {
    throw new Error(`RELEASE_URL: ${JSON.stringify(said)} is no https address of a folder: https://HOST/PATH/`);
  }
  return { url: said.endsWith("/") ? said : `${said}/`, isKnown: true };
}

const about = {
  publisher: "wctl",
  description: "A Kubernetes-style declarative reconciler for Windows processes",
  license: "Apache-2.0",
};

/** A scoop manifest (https://github.com/ScoopInstaller/Scoop/wiki/App-Manifests): the program alone; the service is a step of its own. */
export function scoopManifest({ version, url, exe }: Release): object {
  return {
    version,
    description: about.description,
    homepage: url,
    license: about.license,
    architecture: { "64bit": { url: `${url}wctl.exe`, hash: exe } },
    bin: "wctl.exe",
    notes: "To run the daemon as a Windows service, as administrator: wctl service install; wctl service start",
  };
}

/** winget's three files by name (https://learn.microsoft.com/windows/package-manager/package/manifest). */
export function wingetManifests({ version, url, exe, msi }: Release): Record<string, string> {
  const id = "wctl.wctl";
  const common = { PackageIdentifier: id, PackageVersion: version };
  const installer = msi
    ? {
        InstallerType: "wix",
        Scope: "machine",
        InstallerUrl: `${url}${msi.file}`,
        InstallerSha256: msi.hash.toUpperCase(),
      }
    : {
        InstallerType: "portable",
        Commands: ["wctl"],
        InstallerUrl: `${url}wctl.exe`,
        InstallerSha256: exe.toUpperCase(),
      };
  const productCode = msi ? { ProductCode: `{${msi.productCode}}` } : {};
  const file = (kind: string, body: object): string =>
    stringify({ ...common, ...body, ManifestType: kind, ManifestVersion: "1.6.0" });
  return {
    [`${id}.yaml`]: file("version", { DefaultLocale: "en-US" }),
    [`${id}.installer.yaml`]: file("installer", {
      MinimumOSVersion: "10.0.17763.0",
      UpgradeBehavior: "install",
      Installers: [{ Architecture: "x64", ...installer, ...productCode }],
    }),
    [`${id}.locale.en-US.yaml`]: file("defaultLocale", {
      PackageLocale: "en-US",
      Publisher: about.publisher,
      PackageName: "wctl",
      License: about.license,
      ShortDescription: about.description,
    }),
  };
}

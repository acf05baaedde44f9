import { arch, type } from "node:os";

const processors: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** This platform in Go's words, which are Kubernetes' too: `linux` or `windows`; `amd64`, `arm64`. */
export const goPlatform = {
  system: type().toLowerCase().replace("windows_nt", "windows"),
  architecture: processors[arch()] ?? arch(),
} as const;

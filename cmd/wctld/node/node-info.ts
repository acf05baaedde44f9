import { arch, release, type, version } from "node:os";
import type { NodeStatus } from "../../../api/types.generated.ts";
import { wctlVersion } from "../../../lib/version.ts";

/** What the Node object says of this machine. */
export const nodeInfo = (runtime: string): NonNullable<NodeStatus["nodeInfo"]> => ({
  operatingSystem: type().toLowerCase().replace("windows_nt", "windows"),
  osImage: version(),
  architecture: arch(),
  kernelVersion: release(),
  wctlVersion,
  runtime,
});

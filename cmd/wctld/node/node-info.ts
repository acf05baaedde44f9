import { release } from "node:os";
import type { NodeStatus } from "../../../api/types.generated.ts";
import { gitVersion } from "../../../apiserver/discovery/version.ts";
import { goPlatform } from "../../../lib/go-platform.ts";
import { wctlVersion } from "../../../lib/version.ts";
import type { MachineIdentity } from "./machine-identity.ts";

/** What the Node object says of this machine: ours, and all that clients with Kubernetes' types demand. The agent is what the kubelet is there. */
export const nodeInfo = (runtime: string, machine: MachineIdentity): NonNullable<NodeStatus["nodeInfo"]> => ({
  ...machine,
  operatingSystem: goPlatform.system,
  architecture: goPlatform.architecture,
  kernelVersion: release(),
  wctlVersion,
  runtime,
  kubeletVersion: gitVersion(wctlVersion),
  kubeProxyVersion: "",
  containerRuntimeVersion: `wctl-${runtime}://${wctlVersion}`,
});

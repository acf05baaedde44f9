import { configMapKind } from "./config-map.ts";
import { controllerRevisionKind } from "./controller-revision.ts";
import { eventKind } from "./event.ts";
import { gitSourceKind } from "./git-source.ts";
import { instanceKind } from "./instance.ts";
import type { Kind } from "./kind.ts";
import { leaseKind } from "./lease.ts";
import { namespaceKind } from "./namespace.ts";
import { nodeKind } from "./node.ts";
import { processKind } from "./process.ts";
import { clusterRoleKind, roleKind } from "./role.ts";
import { clusterRoleBindingKind, roleBindingKind } from "./role-binding.ts";
import { secretKind } from "./secret.ts";
import { serviceAccountKind } from "./service-account.ts";

/** Every kind whose Objects are stored, in the order of discovery. */
export const kinds: readonly Kind[] = [
  processKind,
  instanceKind,
  gitSourceKind,
  secretKind,
  configMapKind,
  namespaceKind,
  eventKind,
  nodeKind,
  controllerRevisionKind,
  leaseKind,
  serviceAccountKind,
  roleKind,
  roleBindingKind,
  clusterRoleKind,
  clusterRoleBindingKind,
];

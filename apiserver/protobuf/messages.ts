import {
  clusterRole,
  role,
  roleBinding,
  selfSubjectAccessReview,
  selfSubjectReview,
  selfSubjectRulesReview,
  subjectAccessReview,
  tokenRequest,
  tokenReview,
} from "./access-messages.ts";
import { configMap, event, namespace, secret, serviceAccount } from "./core-messages.ts";
import { type Message, message, one } from "./message.ts";
import { deleteOptions, metadata } from "./meta-messages.ts";
import { node } from "./node-messages.ts";
import { controllerRevision, lease, newEvent } from "./other-messages.ts";

/** What a body is said to be. */
export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

const eviction = message({ 1: metadata, 2: one("deleteOptions", deleteOptions) });
const scale = message({ 1: metadata, 2: one("spec", message({ 1: one("replicas", "count") })) });

/** By `GROUP/VERSION/KIND`: what may be written as protobuf. Our own kinds are not among them, as custom resources are not. */
const messages: ReadonlyMap<string, Message> = new Map([
  ["/v1/Secret", secret],
  ["/v1/ConfigMap", configMap],
  ["/v1/Namespace", namespace],
  ["/v1/ServiceAccount", serviceAccount],
  ["/v1/Event", event],
  ["/v1/Node", node],
  ["apps/v1/ControllerRevision", controllerRevision],
  ["autoscaling/v1/Scale", scale],
  ["authentication.k8s.io/v1/SelfSubjectReview", selfSubjectReview],
  ["authentication.k8s.io/v1/TokenRequest", tokenRequest],
  ["authentication.k8s.io/v1/TokenReview", tokenReview],
  ["authorization.k8s.io/v1/LocalSubjectAccessReview", subjectAccessReview],
  ["authorization.k8s.io/v1/SelfSubjectAccessReview", selfSubjectAccessReview],
  ["authorization.k8s.io/v1/SelfSubjectRulesReview", selfSubjectRulesReview],
  ["authorization.k8s.io/v1/SubjectAccessReview", subjectAccessReview],
  ["coordination.k8s.io/v1/Lease", lease],
  ["events.k8s.io/v1/Event", newEvent],
  ["policy/v1/Eviction", eviction],
  ["rbac.authorization.k8s.io/v1/ClusterRole", clusterRole],
  ["rbac.authorization.k8s.io/v1/ClusterRoleBinding", roleBinding],
  ["rbac.authorization.k8s.io/v1/Role", role],
  ["rbac.authorization.k8s.io/v1/RoleBinding", roleBinding],
]);

export const messageOf = ({ group, version, kind }: GroupVersionKind): Message | undefined =>
  messages.get(`${group}/${version}/${kind}`);

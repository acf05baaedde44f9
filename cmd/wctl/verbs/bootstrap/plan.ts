import type { GitUrl } from "../../../../api/git/git-url.ts";
import type { ConfigMap, GitSource, Secret } from "../../../../api/types.generated.ts";
import { Failure } from "../../errors/failure.ts";

/** What is to be there in the end. */
export interface Plan {
  name: string;
  namespace: string;
  url: GitUrl;
  /** In the repository, as the GitSource says it. */
  path: string;
  branch: string | undefined;
  interval: string | undefined;
  serviceAccountName: string | undefined;
  /** Absent: a public repository. */
  secretName: string | undefined;
  /** Absent: the Secret is there already, or there is none. */
  credentials: Readonly<Record<string, string>> | undefined;
}

const NODE_NAME = "$" + "{node.name}";

/** The folder of one host. Throws Failure for one that leads out of the repository, or is known to the daemon only. */
export function folderOf(path: string, nodeName: string | undefined): string {
  const folder = nodeName === undefined ? path : path.replaceAll(NODE_NAME, nodeName);
  const parts = folder.split("/").filter((part) => part !== "" && part !== ".");
  if (folder.startsWith("/") || /\\|\$\{|[\u0000-\u001f\u007f]/.test(folder) || parts.includes(".."))
    throw new Failure(
      `--path must be a folder inside the repository, with forward slashes and no other variable than ${NODE_NAME}, got ${JSON.stringify(path)}`,
    );
  return parts.join("/");
}

export const needsNodeName = (path: string): boolean => path.includes(NODE_NAME);

export function sourceOf(plan: Plan, branch: string): GitSource {
  const { name, namespace, url, path, interval, serviceAccountName, secretName } = plan;
  return {
    apiVersion: "wctl.dev/v1",
    kind: "GitSource",
    metadata: { name, namespace },
    spec: {
      url: url.text,
      ref: { branch },
      path,
      ...(interval === undefined ? {} : { interval }),
      ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
      ...(secretName === undefined ? {} : { secretRef: { name: secretName } }),
    },
  };
}

/** Undefined when none is to be written. */
export function secretOf({ namespace, secretName, credentials }: Plan): Secret | undefined {
  if (secretName === undefined || credentials === undefined) return undefined;
  const data = Object.entries(credentials).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: secretName, namespace },
    data: Object.fromEntries(data),
  };
}

/**
 * What a folder begins with: a place to look at whether it is followed. The GitSource is not in it: a push that suspends it or leads it elsewhere could not
 * be taken back by another push.
 */
export const firstManifest = (plan: Pick<Plan, "name">, folder: string): ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: `about-${plan.name}` },
  data: { source: plan.name, folder: folder || "." },
});

/** Why a GitSource that is there is not the one that is meant; undefined when it is. Only what would have it follow something else counts. */
export function differenceOf({ spec }: GitSource, { url, path, branch }: Plan): string | undefined {
  const said = (text = "."): string =>
    text
      .split("/")
      .filter((part) => part !== "" && part !== ".")
      .join("/");
  if (spec.url !== url.text) return `the repository ${spec.url}`;
  if (said(spec.path) !== said(path)) return `the folder ${JSON.stringify(spec.path ?? ".")}`;
  const ref = Object.entries(spec.ref ?? {}).find(([kind, value]) => kind !== "branch" || (branch ?? value) !== value);
  return ref && `the ${ref[0]} ${JSON.stringify(ref[1])}`;
}

import { readFileSync } from "node:fs";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import type { DoorAddress } from "../http/door/door-address.ts";
import type { Endpoint } from "../http/transport.ts";
import { type ActingOverrides, actingAs } from "./acting.ts";
import { doorOf } from "./door.ts";
import { type Kubeconfig, KubeconfigError, NoServerKnown } from "./format.ts";

export interface KubeconfigOverrides extends ActingOverrides {
  context?: string;
  cluster?: string;
  user?: string;
  server?: string;
  token?: string;
}

export interface ResolvedKubeconfig {
  endpoint: Endpoint;
  /** Another way to the same server, as the same user; absent when the context names none, or anything else was chosen than what it names. */
  door?: DoorAddress;
  /** Of the context; absent when it names none. */
  namespace?: string;
  /** The context's name; absent when there is none. */
  context?: string;
}

/**
 * The server and credentials of the current context. Reads the certificate files it names. Throws KubeconfigError, also for
 * `exec` and `auth-provider`: a kubeconfig never makes us run a program.
 */
export function resolveKubeconfig(config: Kubeconfig, overrides: KubeconfigOverrides = {}): ResolvedKubeconfig {
  const name = overrides.context || config["current-context"] || undefined;
  const context = name === undefined ? {} : contextNamed(config, name);
  const clusterName = overrides.cluster || text(context, "cluster", "context");
  const userName = overrides.user || text(context, "user", "context");
  const cluster = clusterName ? named(config.clusters, "cluster", clusterName) : {};
  const user = userName ? named(config.users, "user", userName) : {};
  const server = overrides.server || text(cluster, "server", "cluster");
  if (!server) {
    if (name !== undefined)
      throw new KubeconfigError(`the kubeconfig's context "${name}" leads to no server: set clusters[].cluster.server`);
    throw new NoServerKnown(
      "no server is known: start the daemon (wctl daemon), or name a kubeconfig with --kubeconfig or KUBECONFIG, or a context of ~/.kube/config with --context",
    );
  }
  const namespace = text(context, "namespace", "context");
  const impersonate = actingAs(user, overrides);
  const endpoint: Endpoint = {
    server: checkServer(server),
    ...trustOf(cluster),
    ...credentialsOf(user, overrides.token),
    ...(impersonate ? { impersonate } : {}),
  };
  const isAsNamed = [overrides.server, overrides.cluster, overrides.user, overrides.token].every((one) => !one);
  const door = isAsNamed ? doorOf(context, endpoint) : undefined;
  return {
    endpoint,
    ...(door ? { door } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name === undefined ? {} : { context: name }),
  };
}

function contextNamed(config: Kubeconfig, name: string): JsonObject {
  const found = config.contexts?.find((one) => one.name === name);
  if (found) return found.context ?? {};
  const names = (config.contexts ?? []).map((one) => one.name);
  throw new KubeconfigError(
    `context "${name}" does not exist${names.length === 0 ? "" : `; there are: ${names.slice(0, 20).join(", ")}`}`,
  );
}

function named(list: readonly JsonObject[] | undefined, member: "cluster" | "user", name: string): JsonObject {
  const found = list?.find((one) => one.name === name);
  if (!found) throw new KubeconfigError(`${member} "${name}" does not exist in the kubeconfig`);
  return isObject(found[member]) ? found[member] : {};
}

function text(fields: JsonObject, field: string, where: string): string | undefined {
  const value = fields[field];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  throw new KubeconfigError(`the kubeconfig's ${where}.${field} must be a string; put it in quotes`);
}

function checkServer(server: string): string {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") {
    if (url.username || url.password)
      throw new KubeconfigError("the server's address must not hold a password: use a token");
    return server;
  }
  if (!server.includes("://") && URL.canParse(`http://${server}`)) return `http://${server}`;
  throw new KubeconfigError(`the server's address must be like https://127.0.0.1:7443, not ${JSON.stringify(server)}`);
}

function trustOf(cluster: JsonObject): Partial<Endpoint> {
  if (text(cluster, "proxy-url", "cluster"))
    throw new KubeconfigError("the kubeconfig's cluster.proxy-url is not supported: remove it");
  const skip = cluster["insecure-skip-tls-verify"];
  if (skip !== undefined && typeof skip !== "boolean") {
    throw new KubeconfigError("the kubeconfig's cluster.insecure-skip-tls-verify must be true or false");
  }
  const ca = dataOrFile(cluster, "certificate-authority", "cluster");
  const tlsServerName = text(cluster, "tls-server-name", "cluster");
  if (skip && ca) {
    throw new KubeconfigError("specifying a root certificates file with the insecure flag is not allowed");
  }
  return {
    ...(ca ? { ca } : {}),
    ...(tlsServerName ? { tlsServerName } : {}),
    ...(skip ? { insecureSkipTlsVerify: true } : {}),
  };
}

const refusedWays: Readonly<Record<string, string>> = {
  exec: "runs a program to get a credential",
  "auth-provider": "needs a plugin to get a credential",
  username: "uses a user name and a password",
  password: "uses a user name and a password",
};

function credentialsOf(user: JsonObject, overridingToken: string | undefined): Partial<Endpoint> {
  if (overridingToken) return { token: overridingToken };
  for (const [field, what] of Object.entries(refusedWays)) {
    if (user[field] !== undefined && user[field] !== null && user[field] !== "") {
      throw new KubeconfigError(
        `the kubeconfig's user.${field} ${what}; that is not done here: use a client certificate or a token (--token)`,
      );
    }
  }
  const cert = dataOrFile(user, "client-certificate", "user");
  const key = dataOrFile(user, "client-key", "user");
  if (!cert !== !key) {
    throw new KubeconfigError(
      `the kubeconfig's user has a client-${cert ? "certificate" : "key"} but no client-${cert ? "key" : "certificate"}`,
    );
  }
  const tokenFile = text(user, "tokenFile", "user") ?? text(user, "token-file", "user");
  const token = tokenFile ? readFile(tokenFile, "tokenFile").trim() : text(user, "token", "user");
  return { ...(cert && key ? { cert, key } : {}), ...(token ? { token: checkToken(token) } : {}) };
}

/** A value that cannot be part of a header would cause a strange error much later. */
function checkToken(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new KubeconfigError("the token has characters that a token cannot have: is the file damaged?");
}

/** PEM, from `FIELD-data` (base64), else from the file that `FIELD` names. */
function dataOrFile(fields: JsonObject, field: string, where: string): string | undefined {
  const data = text(fields, `${field}-data`, where);
  const file = text(fields, field, where);
  if (data === undefined) return file && readFile(file, field);
  const pem = Buffer.from(data, "base64").toString("latin1");
  if (pem.includes("-----BEGIN ")) return pem;
  throw new KubeconfigError(`the kubeconfig's ${where}.${field}-data is not the base64 of a PEM text`);
}

function readFile(path: string, field: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new KubeconfigError(`unable to read ${field} ${path}: ${(error as Error).message}`, { cause: error });
  }
}

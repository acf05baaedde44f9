import type { Command } from "./command/command.ts";

export interface Verb {
  group: "Everyday" | "Look closer" | "GitOps" | "Settings" | "Server";
  /** Only the list of verbs needs it here; the verb's own file says the rest. */
  summary: string;
  load: () => Promise<Command>;
}

/** Every verb. Its code is loaded only when it is called. A new verb is a folder in `verbs/`, and an entry here. */
export const verbs: Record<string, Verb> = {
  apply: {
    group: "Everyday",
    summary: "Make the server's objects match the files",
    load: async () => (await import("./verbs/apply/apply.ts")).apply,
  },
  get: {
    group: "Everyday",
    summary: "List objects, or print some",
    load: async () => (await import("./verbs/get/get.ts")).get,
  },
  delete: {
    group: "Everyday",
    summary: "Delete objects, and wait until they are gone",
    load: async () => (await import("./verbs/delete/delete.ts")).deleteCommand,
  },
  create: {
    group: "Everyday",
    summary: "Create objects from files",
    load: async () => (await import("./verbs/create/create.ts")).create,
  },
  "create configmap": {
    group: "Everyday",
    summary: "Create a ConfigMap from files and words",
    load: async () => (await import("./verbs/create/configmap.ts")).createConfigMap,
  },
  "create namespace": {
    group: "Everyday",
    summary: "Create a Namespace",
    load: async () => (await import("./verbs/create/namespace.ts")).createNamespace,
  },
  "create secret generic": {
    group: "Everyday",
    summary: "Create a Secret from files and words",
    load: async () => (await import("./verbs/create/secret-generic.ts")).createSecretGeneric,
  },
  "create secret tls": {
    group: "Everyday",
    summary: "Create a Secret from a certificate and its key",
    load: async () => (await import("./verbs/create/secret-tls.ts")).createSecretTls,
  },
  replace: {
    group: "Everyday",
    summary: "Replace objects by what files say",
    load: async () => (await import("./verbs/replace/replace.ts")).replace,
  },
  edit: {
    group: "Everyday",
    summary: "Change objects in an editor",
    load: async () => (await import("./verbs/edit/edit.ts")).edit,
  },
  patch: {
    group: "Everyday",
    summary: "Change some fields of objects",
    load: async () => (await import("./verbs/patch/patch.ts")).patch,
  },
  label: {
    group: "Everyday",
    summary: "Set or remove labels of objects",
    load: async () => (await import("./verbs/label/label.ts")).label,
  },
  annotate: {
    group: "Everyday",
    summary: "Set or remove annotations of objects",
    load: async () => (await import("./verbs/label/annotate.ts")).annotate,
  },
  diff: {
    group: "Everyday",
    summary: "Show what apply would change",
    load: async () => (await import("./verbs/diff/diff.ts")).diff,
  },
  validate: {
    group: "Everyday",
    summary: "Check files as the server would, without one",
    load: async () => (await import("./verbs/validate/validate.ts")).validate,
  },
  seal: {
    group: "Everyday",
    summary: "Encrypt Secrets for a host, so that they can be kept in git",
    load: async () => (await import("./verbs/seal/seal.ts")).seal,
  },
  scale: {
    group: "Everyday",
    summary: "Change the number of replicas",
    load: async () => (await import("./verbs/scale/scale.ts")).scale,
  },
  stop: {
    group: "Everyday",
    summary: "Stop processes and keep them stopped",
    load: async () => (await import("./verbs/suspend/stop.ts")).stop,
  },
  start: {
    group: "Everyday",
    summary: "Start processes that were stopped",
    load: async () => (await import("./verbs/suspend/start.ts")).start,
  },
  restart: {
    group: "Everyday",
    summary: "Restart processes, in the order of their strategy",
    load: async () => (await import("./verbs/suspend/restart.ts")).restart,
  },
  "rollout status": {
    group: "Everyday",
    summary: "Follow a rollout until it is done",
    load: async () => (await import("./verbs/rollout/status.ts")).rolloutStatus,
  },
  "rollout restart": {
    group: "Everyday",
    summary: "Restart every instance of a process, in the order of its strategy",
    load: async () => (await import("./verbs/rollout/restart.ts")).rolloutRestart,
  },
  "rollout history": {
    group: "Everyday",
    summary: "List the templates that a process had, or show one of them",
    load: async () => (await import("./verbs/rollout/history.ts")).rolloutHistory,
  },
  "rollout undo": {
    group: "Everyday",
    summary: "Go back to what a process was before",
    load: async () => (await import("./verbs/rollout/undo.ts")).rolloutUndo,
  },
  "rollout pause": {
    group: "Everyday",
    summary: "Hold back changes of a process until it is resumed",
    load: async () => (await import("./verbs/rollout/pause.ts")).rolloutPause,
  },
  "rollout resume": {
    group: "Everyday",
    summary: "Let the changes of a paused process roll out",
    load: async () => (await import("./verbs/rollout/resume.ts")).rolloutResume,
  },
  logs: {
    group: "Everyday",
    summary: "Print what an instance has written",
    load: async () => (await import("./verbs/logs/logs.ts")).logs,
  },
  exec: {
    group: "Everyday",
    summary: "Run a command beside an instance, as its account, in its directory and environment",
    load: async () => (await import("./verbs/exec/exec.ts")).exec,
  },
  wait: {
    group: "Everyday",
    summary: "Wait for a condition",
    load: async () => (await import("./verbs/wait/wait.ts")).wait,
  },
  status: {
    group: "Look closer",
    summary: "Show how a process is: state, reason, process trees, last output",
    load: async () => (await import("./verbs/status/status.ts")).status,
  },
  ps: {
    group: "Look closer",
    summary: "List every process that the daemon keeps, as trees",
    load: async () => (await import("./verbs/ps/ps.ts")).ps,
  },
  describe: {
    group: "Look closer",
    summary: "Show everything about an object, with its events and last log lines",
    load: async () => (await import("./verbs/describe/describe.ts")).describe,
  },
  why: {
    group: "Look closer",
    summary: "Name the cause: why a process is not ready or restarts, what to do, which rule decided, what comes next",
    load: async () => (await import("./verbs/why/why.ts")).why,
  },
  events: {
    group: "Look closer",
    summary: "List events, oldest first",
    load: async () => (await import("./verbs/events/events.ts")).events,
  },
  top: {
    group: "Look closer",
    summary: "Show CPU, memory, handles and processes in use",
    load: async () => (await import("./verbs/top/top.ts")).top,
  },
  explain: {
    group: "Look closer",
    summary: "Say what a kind and its fields mean",
    load: async () => (await import("./verbs/explain/explain.ts")).explain,
  },
  crds: {
    group: "Look closer",
    summary: "Print the kinds as CustomResourceDefinitions, for a Kubernetes cluster",
    load: async () => (await import("./verbs/crds/crds.ts")).crds,
  },
  "api-resources": {
    group: "Look closer",
    summary: "List the kinds that the server has",
    load: async () => (await import("./verbs/discovery/api-resources.ts")).apiResources,
  },
  "api-versions": {
    group: "Look closer",
    summary: "List the API versions that the server has",
    load: async () => (await import("./verbs/discovery/api-versions.ts")).apiVersions,
  },
  "auth can-i": {
    group: "Look closer",
    summary: "Say whether you may do something",
    load: async () => (await import("./verbs/auth/can-i.ts")).authCanI,
  },
  "auth whoami": {
    group: "Look closer",
    summary: "Show who you are to the server",
    load: async () => (await import("./verbs/auth/whoami.ts")).authWhoami,
  },
  "cluster-info": {
    group: "Look closer",
    summary: "Show where the server is",
    load: async () => (await import("./verbs/cluster-info/cluster-info.ts")).clusterInfo,
  },
  "bootstrap git": {
    group: "GitOps",
    summary: "Have this host follow a repository, from nothing",
    load: async () => (await import("./verbs/bootstrap/bootstrap-git.ts")).bootstrapGit,
  },
  reconcile: {
    group: "GitOps",
    summary: "Look at a repository now",
    load: async () => (await import("./verbs/git-source/reconcile.ts")).reconcile,
  },
  suspend: {
    group: "GitOps",
    summary: "Leave a repository alone",
    load: async () => (await import("./verbs/git-source/suspend.ts")).suspend,
  },
  resume: {
    group: "GitOps",
    summary: "Follow a repository again",
    load: async () => (await import("./verbs/git-source/resume.ts")).resume,
  },
  tree: {
    group: "GitOps",
    summary: "Show what a repository has applied, and how healthy each of it is",
    load: async () => (await import("./verbs/tree/tree.ts")).tree,
  },
  approve: {
    group: "GitOps",
    summary: "Let a revision prune and stop as much as it does",
    load: async () => (await import("./verbs/git-source/approve.ts")).approve,
  },
  rollback: {
    group: "GitOps",
    summary: "Go back to a revision of a repository",
    load: async () => (await import("./verbs/git-source/rollback.ts")).rollback,
  },
  "config view": {
    group: "Settings",
    summary: "Show the kubeconfig without its secrets",
    load: async () => (await import("./verbs/config/view.ts")).configView,
  },
  "config get-contexts": {
    group: "Settings",
    summary: "List the contexts of the kubeconfig",
    load: async () => (await import("./verbs/config/get-contexts.ts")).configGetContexts,
  },
  "config current-context": {
    group: "Settings",
    summary: "Print the name of the current context",
    load: async () => (await import("./verbs/config/current-context.ts")).configCurrentContext,
  },
  "config use-context": {
    group: "Settings",
    summary: "Make another context the current one",
    load: async () => (await import("./verbs/config/use-context.ts")).configUseContext,
  },
  "config set-context": {
    group: "Settings",
    summary: "Change a context, for example its namespace",
    load: async () => (await import("./verbs/config/set-context.ts")).configSetContext,
  },
  completion: {
    group: "Settings",
    summary: "Print a script that completes verbs, flags and names in a shell",
    load: async () => (await import("./verbs/completion/completion.ts")).completion,
  },
  version: {
    group: "Settings",
    summary: "Print the versions of wctl and of the server",
    load: async () => (await import("./verbs/version/version.ts")).version,
  },
  daemon: {
    group: "Server",
    summary: "Run the server (wctld) in the foreground",
    load: async () => (await import("./verbs/daemon/daemon.ts")).daemon,
  },
  "kubeconfig create": {
    group: "Server",
    summary: "Print a kubeconfig for somebody else, with a certificate of their own",
    load: async () => (await import("./verbs/kubeconfig/create.ts")).kubeconfigCreate,
  },
  backup: {
    group: "Server",
    summary: "Write a backup of the daemon to a file, while it runs",
    load: async () => (await import("./verbs/backup/backup.ts")).backup,
  },
  restore: {
    group: "Server",
    summary: "Make a data directory from a backup",
    load: async () => (await import("./verbs/restore/restore.ts")).restore,
  },
  "data take-over": {
    group: "Server",
    summary: "Go on with a copied data directory instead of its original",
    load: async () => (await import("./verbs/data/take-over.ts")).dataTakeOver,
  },
  "data renew": {
    group: "Server",
    summary: "Make a copied data directory a daemon of its own, beside its original",
    load: async () => (await import("./verbs/data/renew.ts")).dataRenew,
  },
  "secrets rotate-key": {
    group: "Server",
    summary: "Encrypt all Secrets of the daemon's store under a new key",
    load: async () => (await import("./verbs/secrets/rotate-key.ts")).secretsRotateKey,
  },
  "service install": {
    group: "Server",
    summary: "Register the daemon as a service, of Windows or of systemd",
    load: async () => (await import("./verbs/service/install.ts")).serviceInstall,
  },
  "service uninstall": {
    group: "Server",
    summary: "Stop the service and remove it",
    load: async () => (await import("./verbs/service/uninstall.ts")).serviceUninstall,
  },
  "service start": {
    group: "Server",
    summary: "Start the service",
    load: async () => (await import("./verbs/service/start.ts")).serviceStart,
  },
  "service stop": {
    group: "Server",
    summary: "Stop the service, its workloads first",
    load: async () => (await import("./verbs/service/stop.ts")).serviceStop,
  },
  "service restart": {
    group: "Server",
    summary: "Stop the service and start it again",
    load: async () => (await import("./verbs/service/restart.ts")).serviceRestart,
  },
  "service pause": {
    group: "Server",
    summary: "Pause reconciliation; the workloads keep running",
    load: async () => (await import("./verbs/service/pause.ts")).servicePause,
  },
  "service continue": {
    group: "Server",
    summary: "Continue a paused Windows service",
    load: async () => (await import("./verbs/service/continue.ts")).serviceContinue,
  },
  "service status": {
    group: "Server",
    summary: "Show the service",
    load: async () => (await import("./verbs/service/status.ts")).serviceStatus,
  },
  "service upgrade": {
    group: "Server",
    summary: "Replace the installed program with this one",
    load: async () => (await import("./verbs/service/upgrade.ts")).serviceUpgrade,
  },
  "service grant-logon": {
    group: "Server",
    summary: "Let an account log on as a service, for workloads that run as it",
    load: async () => (await import("./verbs/service/grant-logon.ts")).serviceGrantLogon,
  },
};

/** Other names of verbs, as kubectl has them. */
const aliases: Readonly<Record<string, string>> = {
  "create cm": "create configmap",
  "create ns": "create namespace",
};

/** Of the longest verb. */
const MOST_WORDS = 3;

/** The verb that a line begins with, in as many of its words as make one (`create secret tls`). Undefined when they make none. */
export function verbNamed(line: readonly string[]): { name: string; words: number } | undefined {
  for (let words = Math.min(MOST_WORDS, line.length); words > 0; words--) {
    const typed = line.slice(0, words).join(" ");
    const name = Object.hasOwn(aliases, typed) ? aliases[typed]! : typed;
    if (Object.hasOwn(verbs, name)) return { name, words };
  }
  return undefined;
}

export const groups = ["Everyday", "Look closer", "GitOps", "Settings", "Server"] as const;

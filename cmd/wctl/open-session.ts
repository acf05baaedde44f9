import { homedir } from "node:os";
import { dirname } from "node:path";
import { HttpClient } from "../../api/http/http-client.ts";
import {
  dataDirs,
  type KubeconfigOverrides,
  type LoadedKubeconfig,
  loadKubeconfig,
  resolveKubeconfig,
} from "../../api/kubeconfig/kubeconfig.ts";
import { systemClock } from "../../lib/clock.ts";
import { wctlVersion } from "../../lib/version.ts";
import type { GlobalFlags } from "./command/common-options.ts";
import type { Connection, Session } from "./command/session.ts";
import { localDoor, localTrust } from "./daemon.ts";
import { readNoAnswer } from "./no-answer/read-no-answer.ts";
import { plain } from "./text/plain.ts";
import { writeGuard } from "./write-guard.ts";

/** From this verbosity on, each request is a line on standard error. */
const SHOW_REQUESTS = 6;
/** So many different ones are remembered. */
const MOST_WARNINGS = 1_000;

/**
 * The real Session: reads the kubeconfig that flags or environment name when a verb first needs the server. `warn` gets whole lines for standard error,
 * `showWait` why the server is waited for, as long as it is.
 */
export function openSession(
  flags: GlobalFlags,
  env: NodeJS.ProcessEnv,
  warn: (line: string) => void,
  showWait: (why: string | undefined) => void = () => {},
): Session {
  let opened: Promise<Connection> | undefined;
  let places: readonly string[] = [];
  return {
    kubeconfig: flags.kubeconfig,
    namespace: flags.namespace,
    open: () => {
      opened ??= connect(flags, env, { warn, showWait }, (found) => {
        places = found;
      });
      return opened;
    },
    whyNoAnswer: () => readNoAnswer(places, new Date()),
  };
}

/** `seek` is told in which data directories a daemon may have noted why it does not answer. */
async function connect(
  flags: GlobalFlags,
  env: NodeJS.ProcessEnv,
  { warn, showWait }: { warn: (line: string) => void; showWait: (why: string | undefined) => void },
  seek: (places: readonly string[]) => void,
): Promise<Connection> {
  const sources = {
    env,
    ...(flags.kubeconfig ? { path: flags.kubeconfig } : {}),
    ...(flags.context ? { context: flags.context } : {}),
  };
  const loaded = await loadKubeconfig({ ...sources, ...localTrust });
  const { config, warnings, from } = loaded;
  for (const text of warnings) warn(text);
  if (flags.server === undefined && flags.cluster === undefined) seek(placesOf(loaded, env));
  const { endpoint, namespace, door } = resolveKubeconfig(config, overridesOf(flags));
  const isNamed = flags.kubeconfig !== undefined || flags.context !== undefined;
  const isOwn = from === "daemon" && flags.server === undefined && flags.cluster === undefined;
  const beforeWrite = writeGuard(
    () => client.server,
    () => client.raw("GET", "/version"),
  );
  const isVerbose = (flags.v ?? 0) >= SHOW_REQUESTS;
  const onWait = (why: string | undefined): void => {
    if (isVerbose && why !== undefined) warn(plain(why));
    showWait(why);
  };
  const client: HttpClient = new HttpClient(endpoint, {
    ...(door ? localDoor(door, warn) : {}),
    retries: { clock: systemClock, onWait },
    ...(isNamed || isOwn ? {} : { beforeWrite }),
    onWarning: once((text) => warn(`Warning: ${plain(text)}`)),
    ...(isVerbose ? { onRequest: warn } : {}),
    ...(flags["request-timeout"] > 0 ? { timeoutMs: flags["request-timeout"] * 1000 } : {}),
    userAgent: `wctl/${wctlVersion}`,
  });
  return {
    client,
    namespace: flags.namespace ?? namespace ?? "default",
    namespaceGiven: flags.namespace !== undefined,
  };
}

/** A daemon writes its kubeconfig into its data directory; one that has never come so far has none. */
const placesOf = ({ files, from }: LoadedKubeconfig, env: NodeJS.ProcessEnv): string[] =>
  files.length === 0 && from === "daemon" ? dataDirs(env, homedir()) : files.map(({ path }) => dirname(path));

/** Several answers say the same, and one reader reads them. */
function once(tell: (text: string) => void): (text: string) => void {
  const told = new Set<string>();
  return (text) => {
    if (told.has(text)) return;
    if (told.size < MOST_WARNINGS) told.add(text);
    tell(text);
  };
}

function overridesOf(flags: GlobalFlags): KubeconfigOverrides {
  const { context, cluster, user, server, token, as, "as-uid": asUid, "as-group": asGroups } = flags;
  const given = Object.entries({ context, cluster, user, server, token, as, asUid });
  return { ...Object.fromEntries(given.filter(([, value]) => value !== undefined)), asGroups };
}

import { StatusError } from "../../api/errors.ts";
import { ConnectionError } from "../../api/http/connection-error.ts";
import { Failure } from "./errors/failure.ts";

/** What the server's /version says; absent when it does not say, or will not. */
interface Version {
  gitVersion?: string;
}

/**
 * Asked before the first write to a server that nobody named on the command line, once: a `wctl delete` must not reach somebody's cluster because
 * KUBECONFIG happens to lead there. Rejects with a Failure when it is not wctld.
 */
export function writeGuard(server: () => string, getVersion: () => Promise<string>): () => Promise<void> {
  let asked: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    const { gitVersion } = await getVersion().then(read, unlessRefused);
    if (gitVersion !== undefined && /-wctl\./.test(gitVersion)) return;
    const version = gitVersion === undefined ? "" : ` (it says ${gitVersion.slice(0, 64)})`;
    throw new Failure(`${server()} is not wctld${version}: nothing was changed there`, {
      hint: "If you mean it, name it: --context NAME or --kubeconfig FILE.",
    });
  };
  return () => (asked ??= ask());
}

function read(text: string): Version {
  try {
    return JSON.parse(text) as Version;
  } catch {
    return {};
  }
}

/** A server that answers, but not this. That it can't be reached, or does not know us, is told as ever. */
function unlessRefused(error: unknown): Version {
  if (error instanceof StatusError && !(error instanceof ConnectionError) && error.code !== 401) return {};
  throw error;
}

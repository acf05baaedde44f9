import { type LoadedKubeconfig, loadKubeconfig } from "../../../api/kubeconfig/kubeconfig.ts";
import type { Context } from "../command/command.ts";
import { localTrust } from "../daemon.ts";

/** The kubeconfig that the other verbs would use. */
export const loadKubeconfigOf = ({ session, env }: Context): Promise<LoadedKubeconfig> =>
  loadKubeconfig({
    ...(session.kubeconfig ? { path: session.kubeconfig } : {}),
    env: env as NodeJS.ProcessEnv,
    ...localTrust,
  });

import { join } from "node:path";
import { serviceAccounts } from "../../api/scheme.ts";
import type { DaemonConfig } from "../../api/types.generated.ts";
import { ServiceAccountTokens } from "../../apiserver/authentication/service-account-tokens.ts";
import { SigningKeys } from "../../apiserver/authentication/signing-keys.ts";
import type { Authorizer } from "../../apiserver/authorization/authorizer.ts";
import { defaultAuthorizer } from "../../apiserver/authorization/default-authorizer.ts";
import { UserAuthority } from "../../apiserver/authorization/user-authority.ts";
import { KeyFile } from "../../apiserver/encryption/key-file.ts";
import { KeyRing } from "../../apiserver/encryption/key-ring.ts";
import type { DiffSource } from "../../apiserver/registry/diff-source.ts";
import type { ExecSource } from "../../apiserver/registry/exec-source.ts";
import type { PortSource } from "../../apiserver/registry/port-source.ts";
import { StoreRegistry } from "../../apiserver/registry/store-registry.ts";
import { ownDefinitions } from "../../apiserver/views/custom-resource-definitions.ts";
import { EventsView } from "../../apiserver/views/events/events.ts";
import { FixedView } from "../../apiserver/views/fixed-view.ts";
import { HomesView } from "../../apiserver/views/homes.ts";
import { InstanceMetricsView } from "../../apiserver/views/instance-metrics.ts";
import { NodeMetricsView } from "../../apiserver/views/node-metrics.ts";
import { PodMetricsView } from "../../apiserver/views/pods/pod-metrics.ts";
import { PodsView } from "../../apiserver/views/pods/pods.ts";
import { accessReviews } from "../../apiserver/views/reviews/access-reviews.ts";
import { selfSubjectReview, tokenReview } from "../../apiserver/views/reviews/subject-reviews.ts";
import { uidsIn } from "../../apiserver/views/reviews/token-objects.ts";
import { TokenRequestStorage } from "../../apiserver/views/reviews/token-request.ts";
import { noServices } from "../../apiserver/views/services.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { LogReader } from "../../runtime/logs/log-reader.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Store } from "../../store/store.ts";
import { SampledUsage } from "./metrics/sampled-usage.ts";
import { keyProtection } from "./platform.ts";

interface RegistryOptions {
  dataDir: string;
  store: Store;
  runtime: Runtime;
  clock: Clock;
  logger: Logger;
  config: { readonly current: DaemonConfig };
  exec: ExecSource;
  ports: PortSource;
  diffs: DiffSource;
  /** Of this machine, once it is known. */
  nodeName: () => string | undefined;
}

interface Served {
  registry: StoreRegistry;
  /** Decides by what the registry holds. */
  authorizer: Authorizer;
  /** For the service accounts that the registry holds. */
  tokens: ServiceAccountTokens;
}

/** Every resource that is served: the kinds that are stored, and the views of them and of what runs. */
export async function createRegistry(options: RegistryOptions): Promise<Served> {
  const { store, runtime, clock, logger, config, exec, ports, diffs, nodeName } = options;
  const registry = new StoreRegistry({
    store,
    clock,
    logger,
    defaults: () => config.current.defaults ?? {},
    namespaceBytes: () => config.current.limits?.namespaceBytes,
    logs: new LogReader(runtime, () => clock.wall()),
    exec,
    diffs,
  });
  const usage = new SampledUsage(runtime, clock, nodeName);
  const authorizer = defaultAuthorizer(registry);
  const tokens = await serviceAccountTokens(registry, options);
  const views = [
    new PodsView(registry, clock, ports),
    new FixedView(store, clock, noServices),
    new FixedView(store, clock, ownDefinitions),
    new EventsView(registry),
    new InstanceMetricsView(registry, usage, clock),
    new PodMetricsView(registry, usage, clock),
    new NodeMetricsView(registry, usage, clock),
    new HomesView(registry, runtime.homes, clock),
    ...accessReviews((user) => new UserAuthority(user, authorizer)),
    selfSubjectReview(),
    tokenReview((token, audiences) => tokens.verify(token, audiences)),
  ];
  for (const view of views) registry.install(view);
  return { registry, authorizer, tokens };
}

/** Tokens are signed with a key that is kept as that of the Secrets is. Without it there are none, and the daemon works. */
async function serviceAccountTokens(
  registry: StoreRegistry,
  { dataDir, clock, logger }: RegistryOptions,
): Promise<ServiceAccountTokens> {
  const keys = await KeyRing.open(new KeyFile(join(dataDir, "tokens.key"), await keyProtection()));
  await keys.ensure(clock.wall()).catch((error: Error) => {
    logger.error("tokens of service accounts can be neither made nor checked", { error: error.message });
  });
  const tokens = new ServiceAccountTokens({ keys: new SigningKeys(keys), clock, uidOf: uidsIn(registry) });
  registry.stored(serviceAccounts).subresources.set("token", new TokenRequestStorage(registry, tokens));
  return tokens;
}

import type { Identity } from "../../apiserver/authentication/identity.ts";
import { defaultAuthorizer } from "../../apiserver/authorization/default-authorizer.ts";
import { LocalClient } from "../../apiserver/local-client.ts";
import type { StoreRegistry } from "../../apiserver/registry/store-registry.ts";

/** A user who may do everything: the test itself. */
export const admin: Identity = { name: "admin", groups: ["system:masters", "system:authenticated"] };

/** Clients over a Registry, each in the name of the given user, authorized as in the daemon. */
export function localClients(registry: StoreRegistry): (user: Identity) => LocalClient {
  const authorizer = defaultAuthorizer(registry);
  return (user) => new LocalClient({ registry, authorizer }, user);
}

export const adminClient = (registry: StoreRegistry): LocalClient => localClients(registry)(admin);

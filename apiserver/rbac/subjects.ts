import type { Subject } from "../../api/types.generated.ts";
import { type Identity, serviceAccountUser } from "../authentication/identity.ts";

/** Is it this user who is meant? `namespace`: of the binding, where a ServiceAccount without one is looked for. */
export function isMeant({ kind, name, namespace }: Subject, user: Identity, home: string | undefined): boolean {
  switch (kind) {
    case "User":
      return user.name === name;
    case "Group":
      return user.groups.includes(name);
    case "ServiceAccount": {
      const place = namespace || home;
      return !!place && user.name === serviceAccountUser(place, name);
    }
    default:
      return false;
  }
}

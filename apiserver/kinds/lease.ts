import { leases } from "../../api/scheme.ts";
import type { Lease } from "../../api/types.generated.ts";
import { ageColumn } from "../printing/column.ts";
import { defineKind } from "./kind.ts";

/** As Kubernetes': every renewal changes the spec, so changes are not counted. */
export const leaseKind = defineKind<Lease>({
  resource: leases,
  nodeRestriction: (node, { metadata: { name } }) =>
    name === node ? undefined : "can only access node lease with the same name as the requesting node",
  hasGeneration: false,
  allowsUnconditionalUpdate: false, // Who writes over what he has not seen would take it from its holder.
  // Each node writes one in ten seconds, and only the last matters.
  historyBytes: 256 * 1024,
  columns: [{ name: "Holder", type: "string", path: ".spec.holderIdentity", description: "Who holds it." }, ageColumn],
});

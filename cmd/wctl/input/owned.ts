import type { Stored } from "../../../api/object.ts";
import { wellKnown } from "../../../api/scheme.ts";
import type { Instance, Process } from "../../../api/types.generated.ts";

/** The label selector of what a Process owns. Until its controller has written one into its status: the label that it will give. */
export const ownedSelector = ({ metadata, status }: Stored<Process>): string =>
  status?.selector ?? `${wellKnown.processLabel}=${metadata.name}`;

export const byIndex = (a: Stored<Instance>, b: Stored<Instance>): number => a.spec.index - b.spec.index;

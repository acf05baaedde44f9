import { type Resource, services } from "../../api/scheme.ts";
import type { Fixed } from "./fixed-view.ts";

/**
 * Services, of which there are none: programs listen on ports of this machine. Clients look for them all the same: `kubectl cluster-info` fails
 * without the list, and what shows a whole cluster watches it.
 */
export const noServices: Fixed = {
  resource: services as unknown as Resource,
  objects: () => [],
  columns: [],
  instead: "there are no Services here: a Process declares its ports in spec.ports",
};

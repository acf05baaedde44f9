import { configMaps, namespaces, type Resource, secrets } from "../scheme.ts";

/** Namespaces come first, then what Processes refer to, then the rest; what is pruned goes in the reverse order. */
export const WAVES = [0, 1, 2] as const;

export const waveOf = ({ plural }: Resource): (typeof WAVES)[number] =>
  plural === namespaces.plural ? 0 : plural === secrets.plural || plural === configMaps.plural ? 1 : 2;

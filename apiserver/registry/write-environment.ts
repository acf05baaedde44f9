import type { Store } from "../../store/store.ts";
import type { AdmissionDefaults } from "../admission/template-defaults.ts";
import type { Content, Kind } from "../kinds/kind.ts";
import type { NamespaceRoom } from "./namespace-room.ts";
import type { ObjectWriter } from "./object-writer.ts";

/** What every write of Objects of one kind works with. */
export interface WriteEnvironment {
  readonly kind: Kind;
  readonly store: Store;
  readonly writer: ObjectWriter;
  readonly content: Content;
  /** Asked at every write, so that a reloaded configuration holds for later writes. */
  readonly defaults: () => AdmissionDefaults;
  readonly room: NamespaceRoom;
  /** RFC 3339, seconds. */
  readonly now: () => string;
}

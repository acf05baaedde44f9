import type { PortSession } from "../../../api/exec/port-session.ts";
import type { Key } from "../../../api/object.ts";
import { pods, type Resource } from "../../../api/scheme.ts";
import type { Authority } from "../../admission/authority.ts";
import type { PortSource } from "../../registry/port-source.ts";
import type { Getter, Storage } from "../../registry/storage.ts";
import { asPods } from "./as-pods.ts";

/** The subresource `portforward`: connections to the ports that the Instance has declared, and itself listens at. */
export class PodPortForwardStorage implements Storage {
  readonly resource = pods as unknown as Resource;
  readonly #instances: Getter;
  readonly #ports: PortSource;

  constructor(instances: Getter, ports: PortSource) {
    this.#instances = instances;
    this.#ports = ports;
  }

  async openPorts(key: Key, { user }: Authority): Promise<PortSession> {
    return this.#ports.open(await asPods(() => this.#instances.get(key)), user.name);
  }
}

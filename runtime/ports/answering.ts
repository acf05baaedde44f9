import { isIP } from "node:net";

/** A socket that listens, as the system's table shows it. */
export interface Listener {
  /** `127.0.0.1`, `::1`; IPv4 in IPv6 as IPv4. */
  address: string;
}

/**
 * Of the listeners of one port, those that a connection to `host` may reach: who listens at that very address comes before who listens at all of
 * them. A name may lead to several addresses, so all may answer. Pure.
 */
export function answering<L extends Listener>(listeners: readonly L[], host: string): L[] {
  const [plain = ""] = host.split("%"); // Without the zone of a link.
  const family = isIP(plain);
  if (family === 0) return [...listeners];
  const at = (address: string): L[] => listeners.filter((one) => one.address === address);
  const exact = at(canonical(plain));
  if (exact.length > 0) return exact;
  const anyOfFamily = at(family === 4 ? "0.0.0.0" : "::");
  // An IPv6 socket takes IPv4 too, unless it says otherwise; no table shows that.
  return family === 6 || anyOfFamily.length > 0 ? anyOfFamily : at("::");
}

/** Four bytes, or sixteen. */
export function addressOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2).toString(16));
  return canonical(groups.join(":"));
}

const MAPPED = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/;

function canonical(address: string): string {
  if (!address.includes(":")) return address;
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  return [high, low].flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 255]).join(".");
}

import { lookup as resolve } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { hostname, networkInterfaces } from "node:os";

/** Where a probe may connect to. */
export interface ProbeHost {
  /** As in the manifest: for messages, the Host header, and comparing redirects. */
  name: string;
  /** For `net.connect`: decides which addresses the name means. It is not called for an address. */
  lookup: LookupFunction;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Probes go to this machine only, unless the daemon's configuration allows others: otherwise a manifest could make the daemon reach what its
 * author cannot. A name is never believed: `localhost` means the loopback addresses, the machine's own name means those of its addresses that
 * the resolver gives, every other name is refused. Decimal and other odd spellings of addresses are names. Throws with the reason.
 */
export function probeHost(name: string, allowRemote: boolean): ProbeHost {
  if (allowRemote) return { name, lookup: resolve as LookupFunction };
  if (!isThisMachine(name)) return refuse(name);
  if (isIP(name)) return { name, lookup: none };
  return { name, lookup: name.toLowerCase() === "localhost" ? toLoopback : toOwn };
}

/** One of its addresses, `localhost`, or its own name. */
export const isThisMachine = (name: string): boolean =>
  isIP(name) ? own(name) : ["localhost", hostname().toLowerCase()].includes(name.toLowerCase());

function refuse(name: string): never {
  throw new Error(
    `host "${name}" is not this machine: probes go to loopback and the machine's own addresses unless the configuration sets probes.allowRemoteHosts`,
  );
}

function own(address: string): boolean {
  if (loopback.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")) return true;
  const plain = address.split("%")[0]?.toLowerCase();
  return Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === plain));
}

const none: LookupFunction = (name, _options, callback) => callback(new Error(`"${name}" is not looked up`), "");

const toLoopback: LookupFunction = (_name, options, callback) => {
  if (!options.all) return callback(null, "127.0.0.1", 4);
  callback(null, [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ]);
};

const toOwn: LookupFunction = (name, options, callback) => {
  resolve(name, { ...options, all: true }, (error, found) => {
    const mine = error ? [] : found.filter(({ address }) => own(address));
    const [first] = mine;
    if (!first) callback(error ?? new Error(`"${name}" does not resolve to this machine`), "");
    else if (options.all) callback(null, mine);
    else callback(null, first.address, first.family);
  });
};

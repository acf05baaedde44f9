import type { Place } from "../../../lib/path-trust.ts";
import { type Ace, ALLOWED, DENIED, type SecurityDescriptor } from "../security/security-descriptor.ts";
import { LOCAL_SYSTEM } from "../security/sid.ts";

/** `inputs`: others may read it, and must not write (manifests, configuration, program). `secrets`: others may not even read (keys, the store). */
export type Purpose = "inputs" | "secrets";

const ADMINISTRATORS = "S-1-5-32-544";
const TRUSTED_INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
const CREATORS = new Set(["S-1-3-0", "S-1-3-1"]);
/** OWNER RIGHTS: the rights of the owner, whom we check separately. */
const OWNER_RIGHTS = "S-1-3-4";

const INHERIT_ONLY = 0x8;

const [GENERIC_ALL, GENERIC_EXECUTE, GENERIC_WRITE, GENERIC_READ] = [0x10000000, 0x20000000, 0x40000000, 0x80000000];
const [FILE_ALL, FILE_READ, FILE_WRITE, FILE_EXECUTE] = [0x1f01ff, 0x120089, 0x120116, 0x1200a0];
const READING = FILE_READ | FILE_EXECUTE;
const [DELETE_CHILD, DELETE, WRITE_DAC, WRITE_OWNER] = [0x40, 0x10000, 0x40000, 0x80000];

/** Names of the machine's large groups, for people. */
const NAMES: Readonly<Record<string, string>> = {
  "S-1-1-0": "Everyone",
  "S-1-5-4": "INTERACTIVE",
  "S-1-5-7": "ANONYMOUS",
  "S-1-5-11": "Authenticated Users",
  "S-1-5-32-545": "Users",
  "S-1-5-32-546": "Guests",
};
const named = (sid: string): string => (NAMES[sid] ? `${NAMES[sid]} (${sid})` : sid);

export interface Judged {
  descriptor: SecurityDescriptor;
  /** SID of the account that relies on it. */
  self: string;
  place: Place;
  purpose: Purpose;
  /** The root of a volume can't be renamed or removed, whoever may delete it. */
  isRoot?: boolean;
}

/**
 * Why nobody may rely on what has this descriptor; undefined when only the system, its administrators and this account decide what is there. An entry
 * of a type that is not understood (conditions, objects, callbacks) is a reason too: fail closed.
 * https://learn.microsoft.com/windows/win32/secauthz/access-control-entries
 */
export function distrustOf({ descriptor, self, place, purpose, isRoot = false }: Judged): string | undefined {
  const isTrusted = (sid: string): boolean =>
    sid === self || [LOCAL_SYSTEM, ADMINISTRATORS, TRUSTED_INSTALLER].includes(sid);
  const { owner, dacl } = descriptor;
  if (owner === undefined || !isTrusted(owner)) return `it belongs to ${owner === undefined ? "nobody" : named(owner)}`;
  if (!dacl) return "everybody has all rights to it";
  const harm = place === "above" ? harmAbove(isRoot) : harmTo(purpose);
  for (const ace of dacl) {
    if (ace.type === DENIED) continue; // It takes away, it does not give.
    if (ace.type !== ALLOWED || ace.sid === undefined) {
      return `its access list has an entry that can't be judged (type ${ace.type}: a condition?)`;
    }
    if (isTrusted(ace.sid) || ace.sid === OWNER_RIGHTS) continue;
    const isForChildren = (ace.flags & INHERIT_ONLY) !== 0;
    if (isForChildren && (place === "above" || CREATORS.has(ace.sid))) continue; // Each child is judged by its own list.
    const words = harm(plain(ace));
    if (words !== undefined) return `${named(ace.sid)} ${words}`;
  }
  return undefined;
}

/** The mask with each generic right replaced by the file rights that it stands for. */
function plain({ mask }: Ace): number {
  const parts = [
    [GENERIC_ALL, FILE_ALL],
    [GENERIC_READ, FILE_READ],
    [GENERIC_WRITE, FILE_WRITE],
    [GENERIC_EXECUTE, FILE_EXECUTE],
  ] as const;
  const specific = mask & ~(GENERIC_ALL | GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE);
  return parts.reduce((all, [generic, meant]) => ((mask & generic) === 0 ? all : all | meant), specific);
}

type Harm = (mask: number) => string | undefined;

/** New names beside ours do no harm there: %ProgramData% and C:\ let everybody make some. */
function harmAbove(isRoot: boolean): Harm {
  const harmful = DELETE_CHILD | WRITE_DAC | WRITE_OWNER | (isRoot ? 0 : DELETE);
  return (mask) => ((mask & harmful) === 0 ? undefined : "may rename or replace what is in it");
}

function harmTo(purpose: Purpose): Harm {
  return (mask) => {
    if ((mask & ~READING) !== 0) return "may write to it";
    return purpose === "secrets" && mask !== 0 ? "may read it" : undefined;
  };
}

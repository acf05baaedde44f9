import { StartError } from "../../runtime.ts";
import { getgrouplist, getpwnam_r, getpwuid_r, type Passwd } from "../ffi/libc.ts";

export interface Account {
  name: string;
  uid: number;
  gid: number;
  groups: readonly number[];
  home: string;
  shell: string;
}

/** Looks an account up by name or number, through the C library, so that NSS sources (LDAP, systemd) count too. Throws `StartError` AccountNotFound. */
export function findAccount(nameOrId: string): Account {
  const found = /^\d+$/.test(nameOrId) ? byNumber(Number(nameOrId)) : lookUp(getpwnam_r, nameOrId);
  if (!found) {
    throw new StartError(
      "AccountNotFound",
      `account "${nameOrId}" does not exist on this machine (see: getent passwd ${nameOrId})`,
    );
  }
  return found;
}

/** A number that is no uid would be cut to one: 2^32 to 0, which is root. */
const byNumber = (uid: number): Account | undefined => (uid < NO_UID ? lookUp(getpwuid_r, uid) : undefined);

const NO_UID = 2 ** 32 - 1;

let own: Account | undefined;

/** The account this daemon runs as, looked up once; without an entry in the user database it has a number and no home. */
export function ownAccount(): Account {
  const uid = process.geteuid!();
  if (own?.uid !== uid) own = lookUp(getpwuid_r, uid) ?? nameless(uid);
  return own;
}

const nameless = (uid: number): Account => ({
  name: String(uid),
  uid,
  gid: process.getegid!(),
  groups: process.getgroups!(),
  home: "/",
  shell: "/bin/sh",
});

function lookUp<K>(
  call: (key: K, pwd: Partial<Passwd>, buf: Buffer, length: number, result: (bigint | null)[]) => number,
  key: K,
): Account | undefined {
  const entry: Partial<Passwd> = {};
  const strings = Buffer.alloc(16_384);
  const result: (bigint | null)[] = [null];
  if (call(key, entry, strings, strings.length, result) !== 0 || !result[0]) return undefined;
  const { pw_name, pw_uid, pw_gid, pw_dir, pw_shell } = entry as Passwd;
  return { name: pw_name, uid: pw_uid, gid: pw_gid, groups: groupsOf(pw_name, pw_gid), home: pw_dir, shell: pw_shell };
}

function groupsOf(name: string, gid: number): number[] {
  const most = 4096;
  const groups = Buffer.alloc(most * 4);
  const count = [most];
  if (getgrouplist(name, gid, groups, count) < 0) return [gid];
  return Array.from({ length: count[0]! }, (_, index) => groups.readUInt32LE(index * 4));
}

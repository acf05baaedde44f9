import type { IntegrityLevel, Restrictions } from "../../runtime.ts";
import { encode } from "../ffi/struct-codec.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";
import { tokenStructs } from "../ffi/token-structs.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { withDescriptor } from "../security/security-attributes.ts";
import { EVERYONE, encodeSid, WRITE_RESTRICTED_CODE } from "../security/sid.ts";
import { Token } from "../security/token.ts";
import { must } from "../win32-error.ts";
import { privilegeLuid } from "./privileges.ts";
import { homeSid } from "./process-account.ts";

const SID_AND_ATTRIBUTES = 16;

const LEVELS: Readonly<Record<IntegrityLevel, string>> = {
  Low: "S-1-16-4096",
  Medium: "S-1-16-8192",
  High: "S-1-16-12288",
};

/** Without this privilege nobody can even walk a path through folders that he may not list; Windows itself leaves it to everybody. */
const ALWAYS_KEPT = "SeChangeNotifyPrivilege";

/**
 * A primary token with fewer rights, which a workload is started with. It is a copy even when nothing is taken away, so a program never gets the
 * original. Groups are SIDs here. What the program makes is open to its account and the system alone. A write-restricted one can write only where
 * `home` (its id) may too, so that two copies of one account don't reach each other, and each goes on with what it has made. The caller closes both. Throws Win32Error.
 * https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-createrestrictedtoken
 */
export function restrictToken(api: Winapi, token: Token, asked: Restrictions, home: string): Token {
  const { keepPrivileges, removePrivileges, denyOnlyGroups = [], writeRestricted = false } = asked;
  const removed = keepPrivileges || removePrivileges ? removedPrivileges(api, token, asked) : [];
  const flags =
    (keepPrivileges || removePrivileges ? 0 : c.DISABLE_MAX_PRIVILEGE) | (writeRestricted ? c.WRITE_RESTRICTED : 0);
  const writers = writeRestricted ? [homeSid(home), ...logonSid(token)] : [];
  const deny = sidList(api, denyOnlyGroups);
  const restrict = sidList(api, writeRestricted ? [EVERYONE, WRITE_RESTRICTED_CODE, ...writers] : []);
  const remove = Buffer.concat(removed.map((luid) => encode(tokenStructs.LUID_AND_ATTRIBUTES, { Luid: luid })));
  const out = Buffer.alloc(8);
  const done = api.CreateRestrictedToken(
    token.handle,
    flags,
    deny.count,
    deny.list,
    removed.length,
    removed.length > 0 ? remove : null,
    restrict.count,
    restrict.list,
    out,
  );
  must(api, "CreateRestrictedToken", done);
  const restricted = new Token(api, Number(out.readBigUInt64LE()));
  try {
    if (asked.integrityLevel) setLevel(api, restricted, asked.integrityLevel);
    setDefaultAccess(api, restricted, writers);
    return restricted;
  } catch (error) {
    restricted.close();
    throw error;
  }
}

/** As LUIDs; only those that the token has. */
function removedPrivileges(
  api: Winapi,
  token: Token,
  { keepPrivileges, removePrivileges = [] }: Restrictions,
): bigint[] {
  const held = token.privileges();
  const luids = (names: readonly string[]): Set<bigint> => new Set(names.map((name) => privilegeLuid(api, name)));
  if (!keepPrivileges) {
    const named = luids(removePrivileges);
    return held.filter((luid) => named.has(luid));
  }
  const kept = luids([...keepPrivileges, ALWAYS_KEPT]);
  return held.filter((luid) => !kept.has(luid));
}

/** The SID that stands for this one logon; the desktop is open to it. Tokens that were not made by a logon have none. */
const logonSid = (token: Token): string[] =>
  token
    .groups()
    .filter(({ attributes }) => (attributes & c.SE_GROUP_LOGON_ID) >>> 0 === c.SE_GROUP_LOGON_ID)
    .map(({ sid }) => sid);

function setLevel(api: Winapi, token: Token, level: IntegrityLevel): void {
  const { list } = sidList(api, [LEVELS[level]]);
  list!.writeUInt32LE(c.SE_GROUP_INTEGRITY, tokenStructs.TOKEN_MANDATORY_LABEL.fields.Attributes.at);
  token.set(c.TokenIntegrityLevel, list!);
}

/**
 * The access list of what it makes. A write-restricted program could not open its own threads and events without an entry for its writers. WRITE
 * RESTRICTED itself is in every such token, so it gets none.
 */
function setDefaultAccess(api: Winapi, token: Token, writers: readonly string[]): void {
  const who = ["SY", token.user, ...writers];
  withDescriptor(api, `D:${who.map((sid) => `(A;;GA;;;${sid})`).join("")}`, (descriptor) => {
    const [present, dacl, defaulted] = [Buffer.alloc(4), Buffer.alloc(8), Buffer.alloc(4)] as const;
    must(api, "GetSecurityDescriptorDacl", api.GetSecurityDescriptorDacl(descriptor, present, dacl, defaulted));
    token.set(c.TokenDefaultDacl, encode(tokenStructs.TOKEN_DEFAULT_DACL, { DefaultDacl: dacl.readBigUInt64LE() }));
  });
}

/** SID_AND_ATTRIBUTES of each, and behind them the SIDs they point to: one Buffer, so that all of it lives equally long. */
function sidList(api: Winapi, sids: readonly string[]): { count: number; list: Buffer | null } {
  if (sids.length === 0) return { count: 0, list: null };
  const encoded = sids.map(encodeSid);
  const list = Buffer.concat([Buffer.alloc(sids.length * SID_AND_ATTRIBUTES), ...encoded]);
  let at = sids.length * SID_AND_ATTRIBUTES;
  for (const [index, sid] of encoded.entries()) {
    list.writeBigUInt64LE(api.addressOf(list) + BigInt(at), index * SID_AND_ATTRIBUTES);
    at += sid.length;
  }
  return { count: sids.length, list };
}

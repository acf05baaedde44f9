/** SYSTEM and Administrators own it, have all rights, and pass them on; nothing is inherited from above (P). */
export const PROTECTED = "O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";

/** Who may own or change what the service runs: SYSTEM, Administrators, TrustedInstaller. In SDDL, short or as a SID. */
const trusted = new Set([
  "SY",
  "S-1-5-18",
  "BA",
  "S-1-5-32-544",
  "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
]);

/** FILE_GENERIC_READ, FILE_GENERIC_EXECUTE, GENERIC_READ and GENERIC_EXECUTE: as a number, and as SDDL's words. */
const READING = 0xa01200a9n;
const readingWords = new Set(["FR", "FX", "GR", "GX", "RC"]);

/**
 * Why a folder with this security descriptor must not be used, or undefined when only the system, its administrators and the account
 * of this process can change it.
 * @param sddl as ConvertSecurityDescriptorToStringSecurityDescriptorW writes it
 * @param self SID of the account that this process runs as
 * https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format
 */
export function distrustOf(sddl: string, self: string): string | undefined {
  const isTrusted = (who: string | undefined): boolean => who !== undefined && (who === self || trusted.has(who));
  const owner = /O:(S-[\d-]+|[A-Z]{2})/.exec(sddl)?.[1];
  if (!isTrusted(owner)) return `it belongs to ${owner ?? "nobody"}`;
  const dacl = /D:([A-Z_]*)((?:\([^)]*\))*)/.exec(sddl);
  if (!dacl || dacl[1]!.includes("NO_ACCESS_CONTROL")) return "everybody has all rights to it";
  for (const [, ace] of dacl[2]!.matchAll(/\(([^)]*)\)/g)) {
    const [type, flags, rights, , , who] = ace!.split(";");
    if (type === "D" || type === "OD" || isTrusted(who)) continue; // Denials take away, they don't give.
    if (who === "CO" && flags!.match(/../g)?.includes("IO")) continue; // "Creator owner": whoever may create is judged by the other entries.
    if (!onlyReads(rights!)) return `${who} may write to it`;
  }
  return undefined;
}

function onlyReads(rights: string): boolean {
  if (/^0x/i.test(rights)) return (BigInt(rights) & ~READING) === 0n;
  return (rights.match(/..?/g) ?? []).every((word) => readingWords.has(word));
}

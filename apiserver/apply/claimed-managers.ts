import { badRequest } from "../../api/errors.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { type FieldError, invalidValue, tooLong } from "../validation/field-error.ts";
import { readFieldsV1 } from "./fields-v1.ts";
import { entryFor, identityOf, type ManagedFieldsEntry, type Managers } from "./managers.ts";

/** What a request says of the managers of an Object. */
export type Claim =
  /** The Object shall have none: an empty list, or one with an empty entry. */
  | { says: "reset" }
  /** Nothing, or nothing that can be read: as in Kubernetes the stored ones stay, so that nobody loses them by accident. */
  | { says: "nothing" }
  | { says: "these"; managers: Managers };

const LONGEST_MANAGER = 128;
const LONGEST_SUBRESOURCE = 256;
/** As Kubernetes' `unicode.IsPrint`. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;

/** Reads `metadata.managedFields` of a request. Throws BadRequest for what has the wrong type. */
export function readClaim(claimed: unknown): Claim {
  if (claimed === undefined || claimed === null) return { says: "nothing" };
  if (!Array.isArray(claimed)) throw wrongType("metadata.managedFields", "an array");
  const entries = claimed.map((entry: unknown, index) => {
    if (!isObject(entry)) throw wrongType(`metadata.managedFields[${index}]`, "an object");
    return entry;
  });
  if (entries.length === 0 || (entries.length === 1 && Object.keys(entries[0] as JsonObject).length === 0)) {
    return { says: "reset" };
  }
  const read = entries.map(readEntry);
  if (read.some((entry) => entry === undefined)) return { says: "nothing" };
  // Of two entries that are one the later counts.
  const byIdentity = new Map((read as ManagedFieldsEntry[]).map((entry) => [identityOf(entry), entry]));
  return { says: "these", managers: [...byIdentity.values()] };
}

/** Undefined for an entry that says nothing that could be kept. */
function readEntry(entry: JsonObject, index: number): ManagedFieldsEntry | undefined {
  const at = `metadata.managedFields[${index}]`;
  const text = (name: string): string => {
    const value = entry[name] ?? "";
    if (typeof value !== "string") throw wrongType(`${at}.${name}`, "a string");
    return value;
  };
  const [manager, operation, apiVersion, time] = [text("manager"), text("operation"), text("apiVersion"), text("time")];
  const [fieldsType, subresource] = [text("fieldsType"), text("subresource")];
  if (time !== "" && Number.isNaN(Date.parse(time))) throw wrongType(`${at}.time`, "a time (RFC 3339)");
  if (operation !== "Apply" && operation !== "Update") return undefined;
  if (apiVersion === "" || fieldsType !== "FieldsV1") return undefined;
  try {
    const fields = readFieldsV1(entry.fieldsV1);
    return entryFor({ manager, operation, apiVersion, subresource }, fields, time === "" ? undefined : time);
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Faults of managers that a request brought (apimachinery `ValidateManagedFields`). */
export function claimCauses(managers: Managers): FieldError[] {
  return managers.flatMap(({ manager, subresource = "" }, index) => {
    const at = `metadata.managedFields[${index}]`;
    const causes: FieldError[] = [];
    if (Buffer.byteLength(manager) > LONGEST_MANAGER) causes.push(tooLong(`${at}.manager`, LONGEST_MANAGER));
    else if (!PRINTABLE.test(manager)) {
      causes.push(invalidValue(`${at}.manager`, manager, "should only contain printable characters"));
    }
    if (subresource.length > LONGEST_SUBRESOURCE) causes.push(tooLong(`${at}.subresource`, LONGEST_SUBRESOURCE));
    return causes;
  });
}

const wrongType = (field: string, wanted: string): Error => badRequest(`${field} must be ${wanted}`);

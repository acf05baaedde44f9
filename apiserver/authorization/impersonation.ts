import { badRequest } from "../../api/errors.ts";
import {
  ANONYMOUS,
  AUTHENTICATED,
  type Identity,
  serviceAccountGroups,
  serviceAccountOf,
  UNAUTHENTICATED,
} from "../authentication/identity.ts";
import type { ResourceAttributes } from "./attributes.ts";
import { type Authorizer, forbidden } from "./authorizer.ts";

/** A request, as its headers were sent: names and values in turn. */
interface Sent {
  rawHeaders: readonly string[];
}

const FAMILY = "impersonate-";
const EXTRA = "extra-";
const AUTHENTICATION = "authentication.k8s.io";

interface Wanted {
  user: string | undefined;
  uid: string | undefined;
  groups: string[];
  extra: Map<string, string[]>;
}

/**
 * As whom a request is to be served: the user himself, or whom its headers `Impersonate-*` name (`kubectl --as`), if the user has the verb `impersonate` for
 * that user, each of the groups, the uid and each extra value. The rights of the other are never added to: who is impersonated impersonates nobody. Throws
 * Forbidden as the real server does; BadRequest for headers that mean nothing, which the real server answers with 500.
 */
export function actingUser(request: Sent, user: Identity, authorizer: Authorizer): Identity {
  const wanted = wantedBy(request.rawHeaders);
  if (!wanted) return user;
  if (wanted.user === undefined || wanted.user === "")
    throw badRequest(`requested ${parts(wanted)} without impersonating a user`);
  for (const attributes of asked(wanted.user, wanted))
    if (!authorizer.allows(user, attributes)) throw forbidden(authorizer, user, attributes);
  return impersonated(wanted.user, wanted);
}

/** Does the request ask to be served as somebody else? */
export const impersonates = ({ rawHeaders }: Sent): boolean =>
  rawHeaders.some((text, index) => index % 2 === 0 && text.toLowerCase().startsWith(FAMILY));

/** Whom the headers name, whoever may be that; undefined when they name nobody. */
export function wantedUser({ rawHeaders }: Sent): Identity | undefined {
  const wanted = wantedBy(rawHeaders);
  return wanted?.user ? impersonated(wanted.user, wanted) : undefined;
}

/** Each header as it was sent: Node would join those that come twice. */
function wantedBy(rawHeaders: readonly string[]): Wanted | undefined {
  const wanted: Wanted = { user: undefined, uid: undefined, groups: [], extra: new Map() };
  let found = false;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (!name.startsWith(FAMILY)) continue;
    found = true;
    take(wanted, name.slice(FAMILY.length), rawHeaders[at + 1] ?? "");
  }
  return found ? wanted : undefined;
}

function take(wanted: Wanted, name: string, value: string): void {
  if (name === "group") wanted.groups.push(value);
  else if (name.startsWith(EXTRA)) {
    const key = decoded(name.slice(EXTRA.length));
    wanted.extra.set(key, [...(wanted.extra.get(key) ?? []), value]);
  } else if (name === "user" || name === "uid") {
    if (wanted[name] !== undefined) throw badRequest(`the header Impersonate-${name} may be there once only`);
    wanted[name] = value;
  } else throw badRequest(`the header Impersonate-${name} is not known, and is not ignored`);
}

/** Keys of extra values are percent-encoded, since names of headers can hold little. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function parts({ groups, uid, extra }: Wanted): string {
  const named = [
    ...(groups.length > 0 ? ["groups"] : []),
    ...(uid ? ["a uid"] : []),
    ...(extra.size > 0 ? ["extra values"] : []),
  ];
  return named.join(", ") || "nobody";
}

/** What the user must be allowed, part by part. */
function* asked(name: string, { groups, uid, extra }: Wanted): Generator<ResourceAttributes> {
  const one = (group: string, plural: string, more: object): ResourceAttributes => ({
    kind: "resource",
    verb: "impersonate",
    resource: { group, plural },
    ...more,
  });
  const account = serviceAccountOf(name);
  yield account ? one("", "serviceaccounts", account) : one("", "users", { name });
  for (const group of groups) yield one("", "groups", { name: group });
  for (const [key, values] of extra)
    for (const value of values) yield one(AUTHENTICATION, "userextras", { subresource: key, name: value });
  if (uid) yield one(AUTHENTICATION, "uids", { name: uid });
}

function impersonated(name: string, { groups: named, uid, extra }: Wanted): Identity {
  const account = serviceAccountOf(name);
  const groups = named.length === 0 && account ? serviceAccountGroups(account.namespace) : [...named];
  const everybody = name === ANONYMOUS ? UNAUTHENTICATED : AUTHENTICATED;
  if (!groups.includes(AUTHENTICATED) && !groups.includes(UNAUTHENTICATED)) groups.push(everybody);
  return {
    name,
    groups,
    ...(uid ? { uid } : {}),
    ...(extra.size > 0 ? { extra: Object.fromEntries(extra) } : {}),
  };
}

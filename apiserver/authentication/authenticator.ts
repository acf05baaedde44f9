import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { PeerCertificate, TLSSocket } from "node:tls";
import type { Clock } from "../../lib/clock.ts";
import { authenticated, type Identity } from "./identity.ts";

/** Where a request shows who sends it: in its headers, or on its connection. */
type Credentials = Pick<IncomingMessage, "headers" | "socket">;

export interface Authenticator {
  /** Undefined: the request has no valid credential. Where it comes from never counts as one. */
  authenticate(request: Credentials): Identity | undefined;
  /** Of who was authenticated by it: is his credential not taken back since? That its time is over takes nothing back. */
  holds(request: Credentials): boolean;
}

/** Tokens that are signed. */
export interface SignedTokens {
  verify(token: string): { identity: Identity } | undefined;
  /** Whatever the time is. */
  holds(token: string): boolean;
}

const none: SignedTokens = { verify: () => undefined, holds: () => false };

const digest = (token: string): Buffer => createHash("sha256").update(token, "utf8").digest();

/** A client certificate of our own authority (CN is the user, O the groups), or a bearer token: one that is known, or one that is signed. */
export class CredentialAuthenticator implements Authenticator {
  readonly #clock: Clock;
  readonly #signed: SignedTokens;
  readonly #tokens: readonly { digest: Buffer; identity: Identity }[];
  readonly #connections = new WeakMap<TLSSocket, { identity: Identity; until: number } | "nobody">();

  constructor(clock: Clock, tokens: ReadonlyMap<string, Identity> = new Map(), signed: SignedTokens = none) {
    this.#clock = clock;
    this.#signed = signed;
    this.#tokens = [...tokens].map(([token, identity]) => ({
      digest: digest(token),
      identity: authenticated(identity),
    }));
  }

  authenticate(request: Credentials): Identity | undefined {
    return this.#byCertificate(request.socket as TLSSocket) ?? this.#byToken(request.headers.authorization);
  }

  holds({ headers, socket }: Credentials): boolean {
    const known = this.#connections.get(socket as TLSSocket);
    const token = tokenIn(headers.authorization);
    if ((known !== undefined && known !== "nobody") || token === undefined) return true;
    return this.#known(token) !== undefined || this.#signed.holds(token);
  }

  /** The handshake checked the chain. The dates are checked at every request, because connections and resumed sessions outlive certificates. */
  #byCertificate(socket: TLSSocket): Identity | undefined {
    let known = this.#connections.get(socket);
    if (known === undefined) {
      known = certified(socket) ?? "nobody";
      this.#connections.set(socket, known);
    }
    if (known === "nobody" || known.until <= this.#clock.wall().getTime()) return undefined;
    return known.identity;
  }

  #byToken(header: string | undefined): Identity | undefined {
    const token = tokenIn(header);
    return token === undefined ? undefined : (this.#known(token) ?? this.#signed.verify(token)?.identity);
  }

  /** Every token is compared, whole and in constant time: the time taken says nothing about them. */
  #known(token: string): Identity | undefined {
    const wanted = digest(token);
    let found: Identity | undefined;
    for (const known of this.#tokens) if (timingSafeEqual(known.digest, wanted)) found = known.identity;
    return found;
  }
}

const tokenIn = (header: string | undefined): string | undefined => /^Bearer +([^\s]+)$/i.exec(header ?? "")?.[1];

/** The kinds of credentials that somebody showed, whether they are worth anything or not. In the words of the real server; undefined: none. */
export function attempted({ headers, socket }: Credentials): string | undefined {
  const [scheme = "", secret] = (headers.authorization ?? "").split(" ");
  const hasCertificate = (socket as Partial<TLSSocket>).getPeerCertificate?.()?.raw !== undefined;
  const kinds = [
    ...(/^(basic|bearer)$/i.test(scheme) && secret !== undefined ? [scheme.toLowerCase()] : []),
    ...(hasCertificate ? ["x509"] : []),
  ];
  return kinds.join(", ") || undefined;
}

/**
 * `authorized` alone is not enough: Node also sets it for a resumed TLS 1.3 session that never showed a certificate.
 * A subject with two common names is not authenticated.
 */
function certified(socket: TLSSocket): { identity: Identity; until: number } | undefined {
  if (!socket.authorized) return undefined;
  const certificate: PeerCertificate | undefined = socket.getPeerCertificate();
  const name: unknown = certificate?.subject?.CN;
  if (typeof name !== "string" || name === "") return undefined;
  const organizations: unknown = certificate.subject.O;
  const groups = (Array.isArray(organizations) ? organizations : [organizations]).filter(
    (group) => typeof group === "string",
  );
  return { identity: authenticated({ name, groups }), until: Date.parse(certificate.valid_to) };
}

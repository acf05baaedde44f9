/** What the other side says when it ends a handshake (RFC 8446, 6.2), in the words of Go's `crypto/tls`, which people know from kubelet. */
const alerts: Readonly<Record<number, string>> = {
  0: "close notify",
  10: "unexpected message",
  20: "bad record MAC",
  21: "decryption failed",
  22: "record overflow",
  30: "decompression failure",
  40: "handshake failure",
  42: "bad certificate",
  43: "unsupported certificate",
  44: "revoked certificate",
  45: "expired certificate",
  46: "unknown certificate",
  47: "illegal parameter",
  48: "unknown certificate authority",
  49: "access denied",
  50: "error decoding message",
  51: "error decrypting message",
  60: "export restriction",
  70: "protocol version not supported",
  71: "insufficient security level",
  80: "internal error",
  86: "inappropriate fallback",
  90: "user canceled",
  100: "no renegotiation",
  109: "missing extension",
  110: "unsupported extension",
  111: "certificate unobtainable",
  112: "unrecognized name",
  113: "bad certificate status response",
  114: "bad certificate hash value",
  115: "unknown PSK identity",
  116: "certificate required",
  120: "no application protocol",
  121: "encrypted client hello required",
};

/** `remote error: tls: handshake failure`; undefined for an error that is not TLS's. */
export function tlsError(error: unknown): string | undefined {
  const { code = "", message, reason } = error as NodeJS.ErrnoException & { reason?: string };
  if (message.startsWith("Client network socket disconnected before secure TLS connection")) return "EOF";
  if (!code.startsWith("ERR_SSL_") && code !== "EPROTO") return undefined;
  const [, number] = /SSL alert number (\d+)/.exec(message) ?? [];
  if (number !== undefined) return `remote error: tls: ${alerts[Number(number)] ?? `alert(${number})`}`;
  if (/wrong.version.number/i.test(`${code} ${message}`)) return "http: server gave HTTP response to HTTPS client";
  return `tls: ${reason ?? code}`;
}

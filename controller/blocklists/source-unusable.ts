/** A list's source cannot be used; the message completes "was not updated: ...". */
export class SourceUnusable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SourceUnusable';
  }
}

/** What an error code of the system or the network says to a person. */
const CODES: Readonly<Record<string, string>> = {
  ENOENT: 'the file is missing',
  EACCES: 'the file may not be read',
  EPERM: 'the file may not be read',
  EISDIR: 'it is a folder, not a file',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EFBIG: 'the disk is full',
  EROFS: 'the disk is read-only',
  EIO: 'the disk has a fault',
  ENOTFOUND: 'the server’s name could not be found',
  EAI_AGAIN: 'the server’s name could not be found',
  ECONNREFUSED: 'the server refused the connection',
  ECONNRESET: 'the connection broke off',
  UND_ERR_SOCKET: 'the connection broke off',
  ETIMEDOUT: 'the server did not answer',
  UND_ERR_CONNECT_TIMEOUT: 'the server did not answer',
  UND_ERR_HEADERS_TIMEOUT: 'the server did not answer',
  UND_ERR_BODY_TIMEOUT: 'the server stopped sending',
  Z_BUF_ERROR: 'the compressed file is cut short',
  Z_DATA_ERROR: 'the compressed file is damaged',
  CERT_HAS_EXPIRED: 'the server’s certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the server’s certificate is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the server’s certificate is for another name',
};

/** Why it failed, in plain words. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : CODES[code];
  if (known !== undefined) return `${known} (${code})`;
  if (cause.name === 'SourceUnusable' || cause.name === 'ListRefused') return cause.message;
  return cause.cause === undefined ? cause.message : reasonOf(cause.cause);
}

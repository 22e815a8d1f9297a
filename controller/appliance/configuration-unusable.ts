/** A configuration that cannot be used: `gatehouse run` says why on stderr and ends with exit code 78. */
export class ConfigurationUnusable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ConfigurationUnusable';
  }
}

/** Why the broker cannot open: a configuration that cannot be used, never a passing fault. */
export class BrokerError extends Error {
  readonly kind: 'port taken' | 'socket taken' | 'address' | 'listen';
  constructor(kind: BrokerError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BrokerError';
    this.kind = kind;
  }
}

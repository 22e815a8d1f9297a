import { z } from 'zod';

/** `address:port` or `[address]:port`. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export function parseEndpoint(text: string): Endpoint | undefined {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|(\d{1,3}(?:\.\d{1,3}){3})):(\d{1,5})$/.exec(text.trim());
  const address = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  return address !== undefined && port <= 65_535 ? { address, port } : undefined;
}

const endpoint = (name: string) =>
  z.string().transform((text, ctx): Endpoint => {
    const parsed = parseEndpoint(text);
    if (parsed) return parsed;
    ctx.addIssue({
      code: 'custom',
      message: `${name}: wanted address:port such as 127.0.0.1:8080, got "${text}"`,
    });
    return z.NEVER;
  });

/** The panel behind the lamps: a picture in the page, nothing, a board on a serial port, or the kernel's LEDs. */
export const PanelKind = z.string().regex(/^(screen|none|kernel|board:\/.+)$/, {
  error: (issue) => `GATEHOUSE_PANEL: wanted screen, none, kernel or board:/dev/..., got "${issue.input}"`,
});

/** The program's environment: stable names, others script against them. */
export const Environment = z.object({
  GATEHOUSE_DATA: z.string().min(1).default('.gatehouse'),
  GATEHOUSE_DNS: z
    .string()
    .default('127.0.0.1:5300,[::1]:5300')
    .transform((text) => text.split(','))
    .pipe(z.array(endpoint('GATEHOUSE_DNS')).min(1).max(32)),
  GATEHOUSE_HTTP: z.string().default('127.0.0.1:8080').pipe(endpoint('GATEHOUSE_HTTP')),
  GATEHOUSE_MQTT: z.string().default('127.0.0.1:1883').pipe(endpoint('GATEHOUSE_MQTT')),
  GATEHOUSE_PANEL: PanelKind.default('screen'),
  GATEHOUSE_WORKERS: z
    .string()
    .regex(/^([1-9]|[1-5]\d|6[0-4])$/, 'GATEHOUSE_WORKERS: wanted a whole number from 1 to 64')
    .transform(Number)
    .optional(),
  GATEHOUSE_SETUP: z.string().min(1).optional(),
});
export type Environment = z.infer<typeof Environment>;

import type { Endpoint, Environment } from '#contract/environment.ts';

/** What the person who started it reads on the terminal. */
export function welcome(env: Environment, httpPort: number, code: string | undefined): string {
  const page = `http://${text({ ...env.GATEHOUSE_HTTP, port: httpPort })}`;
  return [
    `Gatehouse is filtering. DNS: ${env.GATEHOUSE_DNS.map(text).join(', ')}`,
    `Page: ${page}`,
    ...(code
      ? [`Set-up code: ${code.slice(0, 4)}-${code.slice(4)}   (enter it on the page to claim this box)`]
      : []),
    '',
  ].join('\n');
}

function text({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

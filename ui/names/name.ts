/** The host name in what somebody pasted: a name, a name with a port, or a whole web address. */
export function nameIn(text: string): string {
  const typed = text.trim();
  const address = typed.includes('://') ? typed : `http://${typed}`;
  return URL.canParse(address) ? new URL(address).hostname : typed;
}

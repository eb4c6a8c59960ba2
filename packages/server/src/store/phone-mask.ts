/** What is shown of a number: enough to tell one's own two phones apart, not enough to call. `+14155551234` → `+141***1234`. */
export function maskPhone(phone: string): string {
  return phone.length < 9 ? '***' : `${phone.slice(0, 4)}***${phone.slice(-4)}`;
}

/**
 * Who asks, for limits: a network, not a person. Forwarded headers count only from proxies that the operator named; everybody else
 * could write into them what they like.
 */
import { BlockList, isIP, isIPv6 } from 'node:net';

export interface AddressRules {
  trustedProxies: readonly string[];
  /** Where the server is reached by others than this machine. */
  publicUrl: string;
}

/** One network: an IPv4 address without its last number, the first half of an IPv6 one. Null where addresses tell nobody apart. */
export function clientNetwork(
  request: { ip: string; headers: Record<string, string | string[] | undefined> },
  { trustedProxies, publicUrl }: AddressRules,
): string | null {
  const trusted = blockListOf(trustedProxies);
  const peer = withoutMapping(request.ip);
  const forwarded = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((each) => withoutMapping(each.trim()));
  let address = peer;
  while (isTrusted(trusted, address)) {
    const next = forwarded.pop();
    if (next === undefined || isIP(next) === 0) break;
    address = next;
  }
  // A proxy on this machine that nobody named: all of the internet comes from here, and must not share one person's limit.
  if (isLoopback(address) && !isLoopback(URL.parse(publicUrl)?.hostname ?? '')) return null;
  return networkOf(address);
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

const isTrusted = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

const withoutMapping = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);

function networkOf(address: string): string {
  if (!isIPv6(address)) return address.split('.').slice(0, 3).join('.');
  const [head = '', tail] = address.split('%', 1).join('').toLowerCase().split('::');
  const [left, right] = [head.split(':').filter(Boolean), (tail ?? '').split(':').filter(Boolean)];
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

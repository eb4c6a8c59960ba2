import { describe, expect, test } from 'vitest';
import { clientNetwork } from './client-address.ts';

const PUBLIC = 'https://companion.example.com';
const LOCAL = 'http://127.0.0.1:3001';
interface Peer {
  forwarded?: string;
  trust?: readonly string[];
  publicUrl?: string;
}
const network = (ip: string, { forwarded, trust = [], publicUrl = PUBLIC }: Peer = {}) =>
  clientNetwork(
    { ip, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } },
    { trustedProxies: trust, publicUrl },
  );

describe('who asks', () => {
  test('an IPv4 address without its last number, an IPv6 one by its first half', () => {
    expect(network('203.0.113.7')).toBe('203.0.113');
    expect(network('::ffff:203.0.113.9')).toBe('203.0.113');
    expect(network('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2');
    expect(network('2001:DB8:1:2::9')).toBe('2001:db8:1:2');
    expect(network('2001:db8::9')).toBe('2001:db8:0:0');
    expect(network('fe80::1%eth0')).toBe('fe80:0:0:0');
  });

  test('nobody is believed who he is not: forwarded addresses count from named proxies only', () => {
    expect(network('203.0.113.7', { forwarded: '198.51.100.1' })).toBe('203.0.113');
    expect(network('10.0.0.5', { forwarded: '198.51.100.1', trust: ['10.0.0.0/8'] })).toBe('198.51.100');
    expect(network('10.0.0.5', { forwarded: '198.51.100.1', trust: ['10.0.0.6'] })).toBe('10.0.0');
    // What the client wrote itself stands left of what the proxy added.
    expect(network('10.0.0.5', { forwarded: '1.2.3.4, 198.51.100.1', trust: ['10.0.0.5'] })).toBe('198.51.100');
    expect(network('10.0.0.5', { forwarded: '198.51.100.1, 10.0.0.9', trust: ['10.0.0.0/8'] })).toBe('198.51.100');
    expect(network('10.0.0.5', { forwarded: 'nonsense', trust: ['10.0.0.5'] })).toBe('10.0.0');
    expect(network('::1', { forwarded: '2001:db8:5::1', trust: ['::1'] })).toBe('2001:db8:5:0');
  });

  test('a proxy on this machine that nobody named makes everybody look alike: no limit then', () => {
    expect(network('127.0.0.1', { forwarded: '198.51.100.1' })).toBeNull();
    expect(network('::1')).toBeNull();
    expect(network('127.0.0.1', { forwarded: '198.51.100.1', trust: ['127.0.0.1'] })).toBe('198.51.100');
  });

  test('on a server for this machine only, its own addresses count', () => {
    expect(network('127.0.0.1', { publicUrl: LOCAL })).toBe('127.0.0');
    expect(network('127.3.4.5', { publicUrl: LOCAL })).toBe('127.3.4');
  });
});

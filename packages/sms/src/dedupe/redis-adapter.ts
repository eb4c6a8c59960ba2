import { SmsAdapter, type SmsAdapterOptions } from '../adapter.ts';
import { type RedisClient, RedisDedupeStore } from './redis.ts';
import { RedisConnection } from './redis-connection.ts';

/** An adapter's options with Redis in place of a dedupe store. */
export interface RedisSmsAdapterOptions extends Omit<SmsAdapterOptions, 'dedupe'> {
  /** Default: a connection to Redis at localhost:6379, database 0. */
  redisClient?: RedisClient;
  /** How long a message id is remembered, in seconds. Default 3,600. */
  dedupeTtl?: number;
}

/** An adapter whose message ids are remembered in Redis, so that several processes share them. */
export class RedisSmsAdapter extends SmsAdapter {
  constructor({ redisClient, dedupeTtl, ...options }: RedisSmsAdapterOptions) {
    const client = redisClient ?? new RedisConnection();
    const ttl = dedupeTtl === undefined ? {} : { ttlSeconds: dedupeTtl };
    super({ ...options, dedupe: new RedisDedupeStore({ client, ...ttl }) });
  }
}

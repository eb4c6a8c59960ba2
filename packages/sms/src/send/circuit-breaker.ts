import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
} from 'cockatiel';

/** `closed`: calls pass. `open`: none does. `half_open`: one is on trial. */
export type CircuitBreakerState = 'closed' | 'open' | 'half_open';

/** When the circuit opens, and for how long. */
export interface CircuitBreakerOptions {
  /** Failures in a row that open it. Default 5. */
  failureThreshold?: number;
  /** How long it stays open, in seconds. Default 60. */
  timeout?: number;
}

/** The circuit is open: the function was not called. */
export class CircuitOpenError extends Error {
  constructor(options?: ErrorOptions) {
    super('Circuit breaker is open', options);
    this.name = 'CircuitOpenError';
  }
}

const STATES: Readonly<Record<CircuitState, CircuitBreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Isolated]: 'open',
};

/**
 * Stops calling what keeps failing. A failure is a result whose `success` is false, or an exception. After `timeout` one
 * call is let through (`half_open`): its success closes the circuit, its failure opens it for another `timeout`.
 */
export class CircuitBreaker {
  readonly #policy: CircuitBreakerPolicy;

  constructor({ failureThreshold = 5, timeout = 60 }: CircuitBreakerOptions = {}) {
    const failures = handleWhenResult((result) => isFailure(result)).orWhen(() => true);
    this.#policy = circuitBreaker(failures, {
      halfOpenAfter: timeout * 1_000,
      breaker: new ConsecutiveBreaker(failureThreshold),
    });
  }

  get state(): CircuitBreakerState {
    return STATES[this.#policy.state];
  }

  /**
   * Calls `call` with `args`. Give a method with its object: `breaker.call((message) => adapter.handleOutbound(message), message)`.
   *
   * @throws CircuitOpenError while the circuit is open; else what `call` throws.
   */
  async call<Args extends unknown[], Result extends { success: boolean }>(
    call: (...args: Args) => Promise<Result>,
    ...args: Args
  ): Promise<Result> {
    try {
      return await this.#policy.execute(() => call(...args));
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw new CircuitOpenError({ cause: error });
      throw error;
    }
  }
}

function isFailure(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'success' in result && result.success === false;
}

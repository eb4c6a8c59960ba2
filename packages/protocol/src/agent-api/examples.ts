/** Ids that examples show. Whoever runs an example puts real ones in their place. */
export const EXAMPLE_SESSION_ID = '5f0e8a52-3c1d-4f5e-9a27-0d6c1b7e4f21';
export const EXAMPLE_REQUEST_ID = 'c3b1f0de-7a64-4d0a-8e55-2b9d4c1f6a90';
export const EXAMPLE_TIME = '2026-01-01T12:00:00.000Z';

/** Where to go after signing in: a page of our own screens and nowhere else, whatever a link says. */
const OWN_PAGE = /^\/(asks(\/[0-9a-f-]{36})?|account)?$/i;

export const DEFAULT_PAGE = '/asks';

export const nextPage = (wanted: unknown): string =>
  typeof wanted === 'string' && OWN_PAGE.test(wanted) ? wanted : DEFAULT_PAGE;

/** The parameters of a form post; a name that was posted more than once has a list. */
export type FormFields = Readonly<Record<string, string | readonly string[]>>;

/** Reads an `application/x-www-form-urlencoded` body. Names are kept as own properties, `__proto__` too. */
export function parseForm(body: string): FormFields {
  const values = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(body)) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(values);
}

/** The value of a parameter that is there exactly once. */
export function field(form: FormFields, name: string): string | undefined {
  const value = Object.hasOwn(form, name) ? form[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

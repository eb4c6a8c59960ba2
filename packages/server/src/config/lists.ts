/** Settings that are lists: `a, b` in an environment variable. */
import { z } from 'zod';

/** An empty element is refused: it is more likely a slip than a wish. */
export const listOf = <T extends z.ZodType<string, string>>(element: T) =>
  z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .pipe(z.array(element).min(1));

export const PhoneSetting = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be E.164 numbers such as +14155550123');
export const CountrySetting = z.string().regex(/^[A-Z]{2}$/, 'must be ISO codes of two capitals, such as US');
export const OriginSetting = z
  .string()
  .refine(
    (text) => URL.parse(text)?.origin === text && /^https?:/.test(text),
    'must be origins such as https://app.example.com',
  );

/** Words that differ by one slip of a finger: a letter wrong, missing or too many, or two swapped. */
export function isOneSlipAway(typed: string, meant: string): boolean {
  if (Math.abs(typed.length - meant.length) > 1) return false;
  let start = 0;
  while (start < meant.length && typed.charAt(start) === meant.charAt(start)) start += 1;
  const [left, right] = [typed.slice(start), meant.slice(start)];
  return (
    left === right ||
    left.slice(1) === right.slice(1) ||
    left.slice(1) === right ||
    left === right.slice(1) ||
    (left.slice(2) === right.slice(2) && left.charAt(0) === right.charAt(1) && left.charAt(1) === right.charAt(0))
  );
}

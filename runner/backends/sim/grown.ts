/** A copy of twice the length; the second half is zero. */
export function grown<T extends Float64Array | Int32Array | Uint8Array>(
  array: T,
  Type: new (length: number) => T,
): T {
  const bigger = new Type(array.length * 2);
  bigger.set(array);
  return bigger;
}

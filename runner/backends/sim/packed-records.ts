/**
 * Records side by side in one buffer that is seen as integers and as doubles: whoever looks at one field has the others at hand, where
 * an array for each field would be a miss of the processor's caches for each. The hot paths index the two arrays themselves.
 */
export class PackedRecords {
  readonly ints: Int32Array;
  readonly floats: Float64Array;

  /** `recordBytes`: a multiple of 8. */
  constructor(count: number, recordBytes: number) {
    const buffer = new ArrayBuffer(count * recordBytes);
    this.ints = new Int32Array(buffer);
    this.floats = new Float64Array(buffer);
  }
}

/** One series as it stands at the time of the request. */
export interface RemoteSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Null: it has ended, and nobody is to go on showing its last value. */
  readonly value: number | null;
}

/** A NaN of its own. Source: Prometheus, model/value/value.go, StaleNaN. */
const STALE_BITS = 0x7ff0000000000002n;

/** Wire types. Source: protobuf.dev, "Encoding". */
const VARINT = 0;
const I64 = 1;
const LEN = 2;

/** Bytes of a literal that its two bytes of length can tell. Source: google/snappy, format_description.txt, 2.1. */
const LITERAL_BYTES_MAX = 65_536;
const TAG_OF_TWO_LENGTH_BYTES = 61 << 2;

/**
 * The body of one request of Prometheus' remote write, version 1.0: a WriteRequest in protobuf, in a snappy block. It goes with the headers of
 * `REMOTE_WRITE_HEADERS`. Nothing is really compressed, since a run has a hundred series and the receiver is on this machine.
 * Source: prometheus.io/docs/specs/remote_write_spec.
 */
export function remoteWriteBody(series: readonly RemoteSeries[], atMs: number): Buffer {
  return snappyBlock(Buffer.concat(series.map((each) => field(1, LEN, timeSeries(each, atMs)))));
}

export const REMOTE_WRITE_HEADERS = {
  "content-type": "application/x-protobuf",
  "content-encoding": "snappy",
  "x-prometheus-remote-write-version": "0.1.0",
} as const;

function timeSeries({ name, labels, value }: RemoteSeries, atMs: number): Buffer {
  const all = Object.entries({ ...labels, __name__: name }).sort(([a], [b]) => (a < b ? -1 : 1));
  const bits = Buffer.alloc(8);
  if (value === null) bits.writeBigUInt64LE(STALE_BITS);
  else bits.writeDoubleLE(value);
  const sample = Buffer.concat([field(1, I64, bits), field(2, VARINT, varint(atMs))]);
  return Buffer.concat([...all.map((label) => field(1, LEN, labelPair(label))), field(2, LEN, sample)]);
}

function labelPair([name, value]: readonly [string, string]): Buffer {
  return Buffer.concat([field(1, LEN, Buffer.from(name)), field(2, LEN, Buffer.from(value))]);
}

function field(number: number, wireType: number, content: Buffer): Buffer {
  const tag = varint((number << 3) | wireType);
  return Buffer.concat(wireType === LEN ? [tag, varint(content.length), content] : [tag, content]);
}

/** Seven bits a byte, the lowest first. For whole numbers to 2^53: no shifts, which end at 2^32. */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** A block of literals: the length of all, then pieces as they are, each led by its length less one. */
export function snappyBlock(bytes: Buffer): Buffer {
  const parts = [varint(bytes.length)];
  for (let start = 0; start < bytes.length; start += LITERAL_BYTES_MAX) {
    const piece = bytes.subarray(start, start + LITERAL_BYTES_MAX);
    const head = Buffer.from([TAG_OF_TWO_LENGTH_BYTES, 0, 0]);
    head.writeUInt16LE(piece.length - 1, 1);
    parts.push(head, piece);
  }
  return Buffer.concat(parts);
}

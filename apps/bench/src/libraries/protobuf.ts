/** A message of protocol buffers: fields by number, in the order in which they are written. */
export type Message = readonly (readonly [field: number, value: Field])[];
/** Whole numbers become varints; text, bytes and messages are delimited by their length; `{ float }` has 32 bits. */
type Field = number | string | Uint8Array | Message | { readonly float: number };

/** Its bytes. Source: protobuf.dev, "Encoding". */
export function encode(message: Message): Uint8Array {
  return join(message.flatMap(([field, value]) => encodeField(field, value)));
}

function encodeField(field: number, value: Field): Uint8Array[] {
  if (typeof value === "number") return [varint(field * 8), varint(value)];
  if (typeof value === "object" && "float" in value)
    return [varint(field * 8 + 5), new Uint8Array(new Float32Array([value.float]).buffer)];
  const bytes =
    typeof value === "string"
      ? new TextEncoder().encode(value)
      : value instanceof Uint8Array
        ? value
        : encode(value);
  return [varint(field * 8 + 2), varint(bytes.length), bytes];
}

/** Negative numbers have ten bytes, as 64-bit two's complement. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return new Uint8Array([...bytes, Number(rest)]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

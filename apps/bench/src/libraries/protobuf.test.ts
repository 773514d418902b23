import { expect, test } from "vitest";
import { encode } from "./protobuf.ts";

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

test("fields are written as in the examples of the format's description", () => {
  expect(hex(encode([[1, 150]]))).toBe("08 96 01");
  expect(hex(encode([[2, "testing"]]))).toBe("12 07 74 65 73 74 69 6e 67");
  expect(hex(encode([[3, [[1, 150]]]]))).toBe("1a 03 08 96 01");
});

test("negative numbers, floats, bytes, and empty messages", () => {
  expect(hex(encode([[1, -1]]))).toBe("08 ff ff ff ff ff ff ff ff ff 01");
  expect(hex(encode([[2, { float: 1 }]]))).toBe("15 00 00 80 3f");
  expect(hex(encode([[4, new Uint8Array([7, 8])]]))).toBe("22 02 07 08");
  expect(hex(encode([[20, []]]))).toBe("a2 01 00");
});

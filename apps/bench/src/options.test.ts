import { expect, test } from "vitest";
import { readOptions } from "./options.ts";

const names = ["matmul", "conv"];

test("lists are split, and numbers are numbers", () => {
  const options = readOptions(["--only", "matmul,conv", "--rounds", "7", "--threads", "1,4"], names);
  expect(options).toMatchObject({
    only: ["matmul", "conv"],
    rounds: 7,
    threads: [1, 4],
    clock: "wall",
    write: false,
  });
  expect(readOptions(["--help"], names)).toBeNull();
});

test("what is unknown is refused by name", () => {
  expect(() => readOptions(["--only", "matmul,pool"], names)).toThrow("there is no bench pool");
  expect(() => readOptions(["--clock", "sun"], names)).toThrow("--clock is wall or cpu, not sun");
  expect(() => readOptions(["--rounds", "0"], names)).toThrow("--rounds takes whole numbers");
  expect(() => readOptions(["--threads", "1,two"], names)).toThrow(
    "--threads takes whole numbers from 1, not two",
  );
});

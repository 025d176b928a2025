import { describe } from "vitest";
import { createFakeProcesses } from "../src/fake.ts";
import { createLinuxProcesses } from "../src/linux.ts";
import { contract } from "./contract.ts";

const fake = createFakeProcesses();
fake.install("cat", (call) => ({ code: 0, stdout: call.stdin }));
fake.install("false", () => ({ code: 1 }));
fake.install("sleep");

describe("fake", () => contract(fake));
// Needs no root and no network of its own, so it runs with the unit tests.
describe("linux", () => contract(createLinuxProcesses()));

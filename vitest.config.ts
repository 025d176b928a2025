import { defineConfig } from "vitest/config";

/** The very tests that judge the daemons judge the image: of the main job, and of the page. `make test` takes the first. */
const MAIN_JOB = [
  "test/interop/{clients,names,forward}.lab.test.ts",
  "test/ui/first-run.lab.test.ts",
];
const MORE = ["test/interop/{orange,cli}.lab.test.ts"];

/** What waits for nobody's network takes both cores; left to itself the runner keeps one free. */
const QUICK_WORKERS = 2;

/** An emulated machine is slow: all that there is runs with `make test-image`. */
const OF_THE_IMAGE =
  process.env.IMAGE_ALL === undefined
    ? ["test/image/{audit,keyboard-update}.image.test.ts", ...MAIN_JOB]
    : ["test/image/**/*.image.test.ts", ...MAIN_JOB, ...MORE];

/** What mostly waits for a line to be given up or taken up again: `make test-long`, which pulls the cable more often, too. */
const LONG = process.env.LAB_LONG === undefined ? ["test/faults/access.lab.test.ts"] : [];

/**
 * unit: pure and fast, no root. bus: real brokers on local sockets.
 * lab: real kernel, namespaces, real clients; one file at a time because they share two cores.
 * image: what `make image` made, unpacked or in an emulated machine.
 * vm: the lab on a kernel with PPP, VLANs and queueing disciplines, in an emulated machine.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/**/test/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [
            "**/*.bus.test.ts",
            "**/*.lab.test.ts",
            "**/*.image.test.ts",
            "**/*.vm.test.ts",
            "**/node_modules/**",
          ],
          testTimeout: 20_000,
          maxWorkers: QUICK_WORKERS,
        },
      },
      {
        test: {
          name: "bus",
          include: ["packages/**/test/**/*.bus.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          maxWorkers: QUICK_WORKERS,
        },
      },
      {
        test: {
          name: "lab",
          include: ["packages/**/test/**/*.lab.test.ts", "test/**/*.lab.test.ts"],
          exclude: ["**/node_modules/**", ...LONG],
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "image",
          include: OF_THE_IMAGE,
          env: { LAB_GATEWAY: "qemu" },
          globalSetup: "test/image/shared-machines.ts",
          // A machine is emulated on the same two cores: with nothing else beside it, one at a time.
          sequence: { groupOrder: 2 },
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: "vm",
          include: ["test/**/*.vm.test.ts"],
          globalSetup: "test/lab/vm/shared.ts",
          // After the board's machine, for the same reason.
          sequence: { groupOrder: 3 },
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});

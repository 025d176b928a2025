import { defineConfig } from "vitest/config";

/** Of the main job and of the page. */
const JUDGES_OF_THE_IMAGE = [
  "test/interop/{clients,names,forward,orange,cli}.lab.test.ts",
  "test/ui/first-run.lab.test.ts",
];

/**
 * unit: pure and fast, no root. bus: real brokers on local sockets.
 * lab: real kernel, namespaces, real clients; one file at a time because they share two cores.
 * image: what `make image` made, unpacked or in an emulated machine.
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
            "**/node_modules/**",
          ],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "bus",
          include: ["packages/**/test/**/*.bus.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: "lab",
          include: ["packages/**/test/**/*.lab.test.ts", "test/**/*.lab.test.ts"],
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "image",
          // The very tests that judge the daemons judge the image.
          include: ["test/image/**/*.image.test.ts", ...JUDGES_OF_THE_IMAGE],
          env: { LAB_GATEWAY: "qemu" },
          globalSetup: "test/image/shared-machines.ts",
          // A machine is emulated on the same two cores: after everything else, one at a time.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});

/** `make vm`: the kernel of the machine that carries a lab, where there is none yet or its recipe changed. */
import { readyKernel, whyNoMachine } from "./kernel.ts";

const why = whyNoMachine();
if (why === undefined) console.log(`vm: ${readyKernel().image}`);
else console.log(`vm: skipped: ${why}`);

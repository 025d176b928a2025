/** `make vm`: the kernel of the machine that carries a lab, where there is none yet or its recipe changed. */
import { readyKernel, usesUml, whyNoMachine } from "./kernel.ts";

const why = whyNoMachine();
if (usesUml()) console.log("vm: User-mode Linux");
else if (why === undefined) console.log(`vm: ${readyKernel().image}`);
else console.log(`vm: skipped: ${why}`);

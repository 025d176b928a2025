import { createFakeNft } from "../src/fake.ts";
import { contract } from "./contract.ts";

contract(createFakeNft);

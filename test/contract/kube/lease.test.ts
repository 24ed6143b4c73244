import { openScripted } from "./backends.ts";
import { leaseSuite } from "./lease-suite.ts";

leaseSuite("the scripted API server", openScripted);

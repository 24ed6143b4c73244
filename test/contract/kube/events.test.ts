import { openScripted } from "./backends.ts";
import { eventsSuite } from "./events-suite.ts";

eventsSuite("the scripted API server", openScripted);

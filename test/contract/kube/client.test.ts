import { openScripted } from "./backends.ts";
import { clientSuite } from "./client-suite.ts";

clientSuite("the scripted API server", openScripted);

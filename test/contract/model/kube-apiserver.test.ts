import { openReal } from "./backend.ts";
import { followSuite } from "./follow-suite.ts";
import { ledgerSuite } from "./ledger-suite.ts";
import { refreshSuite } from "./refresh-suite.ts";
import { serviceSuite } from "./service-suite.ts";
import { onBackend } from "./stage.ts";

onBackend("kube-apiserver", openReal, [ledgerSuite, serviceSuite, followSuite, refreshSuite]);

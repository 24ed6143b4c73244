import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import type { Edit } from "../../../src/cli/plan/edit.ts";
import { editedObjects } from "../../../src/cli/plan/edited-objects.ts";
import { readCluster } from "../../../src/controller/cluster-objects.ts";
import { type Forecast, forecast } from "../../../src/controller/forecast.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { anyBeginning, anyEdit } from "./any-edit.ts";
import { ObjectWorld } from "./forecast-world.ts";

const flags = { defaultClass: true, allowForeignAddresses: false, observe: false, writeLoadBalancerIP: true };

/** As the command line does it: from objects. */
function forecastOf(world: ObjectWorld, edit: Edit): Forecast {
  const objects = world.objects();
  const before = readCluster(objects, flags, world.nowMs);
  const after = readCluster(editedObjects(objects, edit, world.nowMs), flags, world.nowMs);
  assert.deepEqual([...before.problems, ...after.problems], []);
  return forecast(before.snapshot, after.snapshot, flags);
}

const edits = 1_000;
const editsOfACluster = 4;

it(`what a forecast says of an edit is what the controller then does, ${edits} times`, async () => {
  const property = fc.asyncProperty(
    anyBeginning,
    fc.array(anyEdit, { minLength: editsOfACluster, maxLength: editsOfACluster }),
    async (beginning, later) => {
      const world = new ObjectWorld();
      world.apply(beginning);
      await world.quiet();
      for (const { afterMs, ...edit } of later) {
        world.nowMs += afterMs;
        await world.quiet();
        const { services } = forecastOf(world, edit);
        const before = world.told();
        world.apply(edit);
        await world.quiet();
        const said = services.filter(({ reason }) => reason !== "ServiceGone" && reason !== "NotDemanded");
        const expected = said.map(({ service, after, reason, message }) => [
          service,
          { addresses: after.map(formatAddress), reason, message },
        ]);
        assert.deepEqual(Object.fromEntries(expected), Object.fromEntries(world.told()));
        for (const each of services) {
          // A claim too many is left for a while.
          const held = world.held(each.service);
          assert.ok(each.after.every((address) => held.includes(formatAddress(address))));
          assert.deepEqual(each.before.map(formatAddress), before.get(each.service)?.addresses ?? []);
        }
      }
    },
  );
  await fc.assert(property, { numRuns: edits / editsOfACluster });
});

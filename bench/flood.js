// B3 and R6 alone: `npm run bench:flood -- [rounds] [seconds]`. Takes about two minutes; wants a quiet machine with two cores or more.
import { makeFixture } from './fixture.js';
import { measureFloods } from './measure-flood.js';
import { unquiet } from './quiet.js';
import { printMachine } from './table.js';

const SHARES = [1 / 2, 1 / 10];

const [rounds = 3, seconds = 3] = process.argv.slice(2).map(Number);
printMachine();
const warnings = [await unquiet('before the run')];
const fixture = await makeFixture();
try {
  const { peak, figures } = await measureFloods(fixture, SHARES, { rounds, seconds });
  console.log(`peaks: ${peak.validates.toFixed(0)} Validates and ${peak.logins.toFixed(1)} logins a second`);
  for (const each of figures) {
    const {
      rate,
      alone,
      aloneLate,
      aloneSinceSent,
      beside,
      besideLate,
      besideSinceSent,
      refusedP99,
      refusals,
      withoutWait,
      hashed,
      served,
      besideServed,
      ended,
    } = each;
    console.log(
      `Validate at ${rate} /s: p99 ${alone.toFixed(1)} ms alone (${aloneLate.toFixed(1)} of it sent late), ` +
        `${besideServed.toFixed(1)} ms beside as many logins as are hashed, ` +
        `${beside.toFixed(1)} ms beside the flood (${besideLate.toFixed(1)}): ${(beside / alone).toFixed(2)} times; ` +
        `since sent ${aloneSinceSent.toFixed(1)} and ${besideSinceSent.toFixed(1)} ms; ` +
        `${refusals.toFixed(0)} refusals /s, p99 ${refusedP99.toFixed(1)} ms, ${withoutWait} without a wait; ` +
        `${hashed.toFixed(1)} logins /s, ${served.toFixed(1)} without a flood: ${((100 * hashed) / served).toFixed(0)} %; ` +
        `${ended.toFixed(1)} connections ended /s`,
    );
  }
  warnings.push(await unquiet('after the run'));
} finally {
  fixture.remove();
}
for (const warning of warnings) {
  if (warning !== null) {
    console.log(warning);
  }
}

// B3 and R6 alone: `npm run bench:flood -- [rounds] [seconds]`. Takes about two minutes; wants a quiet machine with two cores or more.
import { makeFixture } from './fixture.js';
import { postRequest } from './load/http-caller.js';
import { connectCallers, endless, httpRound } from './measure-calls.js';
import { measureFlood } from './measure-flood.js';
import { loginRound } from './measure-logins.js';
import { Product } from './product.js';
import { unquiet } from './quiet.js';
import { printMachine } from './table.js';

const SHARES = [1 / 2, 1 / 10];

const [rounds = 3, seconds = 3] = process.argv.slice(2).map(Number);
printMachine();
const warnings = [await unquiet('before the run')];
const fixture = await makeFixture();
const product = await Product.start(fixture.env);
try {
  const { sessions, apiKey: api_key } = fixture;
  const callers = await connectCallers(product.httpAddress);
  const validates = endless(
    sessions.slice(0, 1_000).map((session) => postRequest('/auth/validate', { ...session, api_key })),
  );
  await httpRound(product.process, callers, validates);
  const { perSecond } = await httpRound(product.process, callers, validates);
  const logins = await loginRound(fixture, callers);
  console.log(`peaks: ${perSecond.toFixed(0)} Validates and ${logins.toFixed(1)} logins a second`);
  for (const share of SHARES) {
    const figures = await measureFlood(fixture, product, { validates: perSecond, logins }, share, { rounds, seconds });
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
      ended,
    } = figures;
    console.log(
      `Validate at ${rate} /s: p99 ${alone.toFixed(1)} ms alone (${aloneLate.toFixed(1)} of it sent late), ` +
        `${beside.toFixed(1)} ms beside the flood (${besideLate.toFixed(1)}): ${(beside / alone).toFixed(2)} times; ` +
        `since sent ${aloneSinceSent.toFixed(1)} and ${besideSinceSent.toFixed(1)} ms; ` +
        `${refusals.toFixed(0)} refusals /s, p99 ${refusedP99.toFixed(1)} ms, ${withoutWait} without a wait; ` +
        `${hashed.toFixed(1)} logins /s, ${served.toFixed(1)} without a flood: ${((100 * hashed) / served).toFixed(0)} %; ` +
        `${ended.toFixed(1)} connections ended /s`,
    );
  }
  warnings.push(await unquiet('after the run'));
} finally {
  await product.stop();
  fixture.remove();
}
for (const warning of warnings) {
  if (warning !== null) {
    console.log(warning);
  }
}

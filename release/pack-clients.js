// Packs the five clients into archives that npm, pip, go, Maven and cargo take without a clone (docs/clients.md):
// `npm run pack:clients [-- --out DIR] [LANGUAGE…]`. What is not committed is packed too, what is ignored is not.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { currentVersion, made, outFolder, pack } from './archives.js';
import { commitEpoch, inCheckout } from './checkout.js';
import { main, Refusal } from './command.js';
import { LANGUAGES } from './languages.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

main(() => {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
  const unknown = positionals.filter((each) => !Object.hasOwn(LANGUAGES, each));
  if (unknown.length > 0) {
    throw new Refusal(`unknown language ${unknown.join(', ')}: choose from ${Object.keys(LANGUAGES).join(', ')}`);
  }
  const out = values.out === undefined ? `${ROOT}dist/clients` : outFolder(values.out);
  inCheckout(ROOT, { withChanges: true }, (checkout) => {
    const packing = { checkout, out, version: currentVersion(checkout), epoch: commitEpoch(checkout) };
    pack(packing, positionals.length > 0 ? positionals : undefined);
  });
  for (const file of made(out)) {
    console.log(`${out}/${file}`);
  }
});

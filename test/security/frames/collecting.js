// Loaded into the server before its own code: a request for /collect collects all garbage, in the middle of its work.
import { EventEmitter } from 'node:events';

const emit = EventEmitter.prototype.emit;
EventEmitter.prototype.emit = /** @type {typeof emit} */ (
  /** @this {EventEmitter} @param {string} name @param {any[]} args */
  function (name, ...args) {
    if (name === 'stream' && args[1]?.[':path'] === '/collect') {
      globalThis.gc?.();
    }
    return Reflect.apply(emit, this, [name, ...args]);
  }
);

import { go } from './languages/go.js';
import { java } from './languages/java.js';
import { python } from './languages/python.js';
import { rust } from './languages/rust.js';
import { typescript } from './languages/typescript.js';

/**
 * Where archives are made from, and where to.
 *
 * @typedef {object} Packing
 * @property {string} checkout a clone of the repository that nobody else uses
 * @property {string} out a folder
 * @property {string} version what the checkout's packages call themselves
 * @property {number} epoch the one time in the archives, in seconds since 1970
 */

/**
 * What an archive must be.
 *
 * @typedef {object} Archive
 * @property {string} file
 * @property {RegExp} belongs every path in it
 * @property {readonly string[]} holds paths that must be in it, its licence among them
 * @property {Readonly<Record<string, string>>} says by path, a text that must be in that file: its version
 * @property {readonly { readonly name: string, readonly purl: string }[]} packages what a registry would know it as
 */

/**
 * Something that a package needs, in the version that its ecosystem resolves today.
 *
 * @typedef {object} Dependency
 * @property {string} name
 * @property {string} version
 * @property {string} purl
 * @property {boolean} isDirect
 * @property {boolean} [isForBuilding] it is not in the program
 */

/**
 * @typedef {object} Language
 * @property {(packing: Packing) => void} pack writes its archives
 * @property {(version: string) => readonly Archive[]} archives
 * @property {(packing: Packing) => Readonly<Record<string, readonly Dependency[]>>} dependencies of its packages, by their purl; after `pack`
 * @property {Readonly<Record<string, readonly [string, ...string[]]>>} tools the commands that tell the versions of what it is made with
 */

/** @type {Readonly<Record<string, Language>>} */
export const LANGUAGES = { typescript, python, go, java, rust };

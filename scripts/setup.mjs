// Makes a checkout run: installs what is locked, builds the addon and dist/. What is up to date is left alone.
// Imports nothing from node_modules, because the first time there is none.
import { setup } from './setup/setup.mjs';

process.exitCode = (await setup()) ? 0 : 1;

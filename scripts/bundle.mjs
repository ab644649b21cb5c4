#!/usr/bin/env node
// Makes dist/ of src/ and sandbox/.
import { join } from 'node:path';
import { bundleProgram } from './bundle-program.mjs';

await bundleProgram(join(import.meta.dirname, '..', 'dist'));
